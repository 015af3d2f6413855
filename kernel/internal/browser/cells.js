(() => {
  const panel = [...document.querySelectorAll('.jp-NotebookPanel')].find(p => p.checkVisibility())
  if (!panel) return []
  const output = e => {
    const b = e.getBoundingClientRect()
    return {Kind: e.dataset.mimeType ?? '', Text: e.innerText, HTML: e.innerHTML, X: b.x, Y: b.y, W: b.width, H: b.height}
  }
  return [...panel.querySelectorAll('.jp-CodeCell')].map(cell => ({
    Prompt: cell.querySelector('.jp-InputPrompt')?.innerText ?? '',
    Outputs: [...cell.querySelectorAll('.jp-OutputArea-output')].map(output),
  }))
})()
