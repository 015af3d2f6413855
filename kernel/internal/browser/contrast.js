// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio of every text in parts of the page.
parents => {
  const parts = c => c.match(/[\d.]+/g).map(Number)
  const light = c => {
    const [r, g, b] = parts(c).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor
      if ((parts(c)[3] ?? 1) === 1) return c
    }
    return 'rgb(255, 255, 255)'
  }
  const found = []
  for (const parent of parents) {
    const walk = document.createTreeWalker(parent, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const e = walk.currentNode.parentElement, text = walk.currentNode.data.trim()
      if (!text) continue
      const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x)
      found.push({Text: text, Ratio: (a + 0.05) / (b + 0.05)})
    }
  }
  return found
}
