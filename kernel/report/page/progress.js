// Which rates a search tried, and what it found.
const probes = new Map()
for (const [row, seed, number, qps, met, latency] of data.probes ?? []) {
  if (!probes.has(row)) probes.set(row, [])
  probes.get(row).push({seed, number, qps, met, latency})
}

function progress() {
  if (!byId('progress')) return
  const list = rows.filter(i => probes.has(i) && here(i))
  const counts = list.map(i => probes.get(i).length), sum = counts.reduce((a, b) => a + b, 0)
  byId('probed').textContent = list.length ? `${text(sum)} probes of ${text(list.length)} configurations, ${text(sum / list.length)} each on average, ${Math.max(...counts)} at most.` : 'No probes.'
  if (!list.includes(state.searched)) state.searched = list.includes(state.pair[0]) ? state.pair[0] : list[0] ?? null
  selectOf(byId('searched'), list.map(i => [i, label(i, deployed)]), state.searched, v => { state.searched = Number(v); progress() })
  if (state.searched === null) return
  const i = state.searched, tried = probes.get(i)
  const place = byId('probes')
  if (!place.children.length) place.append(make('div', {className: 'chart'}), make('div', {className: 'chart'}))
  const hueOf = p => p.met ? colour('good') : colour('bad')
  const points = tried.map((p, k) => ({x: k + 1, y: p.qps, row: k, hue: hueOf(p), hollow: !p.met}))
  const say = k => [make('b', {}, `probe ${k + 1}`), make('p', {}, `${text(tried[k].qps)} requests/s: ${tried[k].met ? 'met' : 'not met'}`)]
  place.children[0].dataset.about = 'Rates in the order in which they were tried'
  scatter(place.children[0], {points, lines: [{points, hue: colour('line')}, ...found(i, tried.length)], tip: say, x: 'probe', y: 'requests/s', whole: true})
  all(place.children[1], list)
  table(byId('tried'), [
    {name: 'probe', label: 'probe', of: k => k + 1}, {name: 'qps', label: 'rate', unit: 'requests/s', of: k => tried[k].qps},
    {name: 'met', label: 'criteria', of: k => tried[k].met ? 'met' : 'not met'},
    ...tried.some(p => p.latency !== null) ? [{name: 'latency', label: 'latency', unit: 's', of: k => tried[k].latency}] : [],
    ...new Set(tried.map(p => p.seed)).size > 1 ? [{name: 'seed', label: 'seed', of: k => tried[k].seed}] : [],
  ], tried.map((_, k) => k), `Probes of ${label(i, deployed)}`)
}

// found is the line of what came out.
function found(i, n) {
  const y = value('capacity_qps', i)
  return y === null ? [] : [{points: [{x: 0.5, y}, {x: n + 0.5, y}], hue: colour('faint'), dashed: true}]
}

// all draws how many probes each configuration took, over its capacity.
function all(place, list) {
  place.dataset.about = 'Probes over capacity, of all configurations'
  const points = list.filter(i => value('capacity_qps', i) !== null)
    .map(i => ({x: value('capacity_qps', i), y: probes.get(i).length, row: i, hue: hue(0), chosen: i === state.searched}))
  scatter(place, {points, x: 'capacity, requests/s', y: 'probes', tip: i => [make('b', {}, label(i, deployed)), make('p', {}, `${said('capacity_qps', i)}, ${probes.get(i).length} probes`)],
    pick: ([i]) => { state.searched = i; progress() }})
}
