// Two configurations side by side.
const drawn = [['ttft', 'TTFT', 's'], ['tbt', 'TBT', 'ms'], ['e2e', 'E2E', 's'], ['delay', 'Scheduling delay', 's']]

// firstPair is two that are worth a look: the best, and of the others of which most is
// known the quickest.
function firstPair() {
  const list = rows.filter(here), known = list.filter(i => data.runs[i])
  const at = bestOf({rows: list}).at ?? list[0] ?? null
  const others = (known.length > 1 ? known : list).filter(i => i !== at)
  return [at, best(others, nearest(), -1) ?? others[0] ?? null]
}

function comparison() {
  if (!state.pair.every(i => i !== null && here(i))) state.pair = firstPair()
  const list = rows.filter(here), [a, b] = state.pair
  const place = byId('pair')
  place.replaceChildren(...['A', 'B'].map((name, k) => {
    const e = make('select', {id: `pair${name}`})
    selectOf(e, list.map(i => [i, label(i, deployed) + (data.runs[i] ? ' ●' : '')]), state.pair[k], v => { state.pair[k] = Number(v); pareto(); comparison() })
    return make('label', {}, make('i', {className: `key${name}`}), `${name} `, e)
  }))
  curvesOf(a, b)
  if (a === null || b === null) return byId('figures').replaceChildren()
  const names = data.columns.filter(c => value(c.name, a) !== null || value(c.name, b) !== null)
  const at = new Map(names.map((c, k) => [k, c]))
  const ratio = k => {
    const [x, y] = [value(at.get(k).name, a), value(at.get(k).name, b)]
    return x === null || y === null || x === 0 ? null : 100 * (y / x - 1)
  }
  const verdict = k => {
    const c = at.get(k), r = ratio(k)
    return !c.good || r === null || Math.abs(r) < 0.05 ? '' : (r > 0) === (c.good > 0) ? 'better' : 'worse'
  }
  table(byId('figures'), [
    {name: 'figure', label: 'figure', of: k => at.get(k).label}, {name: 'unit', label: 'unit', of: k => at.get(k).unit ?? ''},
    {name: 'a', label: 'A', of: k => value(at.get(k).name, a)}, {name: 'b', label: 'B', of: k => value(at.get(k).name, b)},
    {name: 'change', label: 'B against A', unit: '%', of: ratio}, {name: 'verdict', label: 'B is', of: verdict},
  ], [...at.keys()], 'All figures of the two')
}

function curvesOf(a, b) {
  const place = byId('curves'), [one, two] = [data.runs[a], data.runs[b]]
  const missing = [a, b].filter(i => i !== null && !data.runs[i]).length
  byId('nocurves').textContent = missing ? 'Distributions are there of configurations with a ● only: those that were simulated again for this page.' : ''
  const metrics = drawn.filter(([m]) => one?.curves[m] || two?.curves[m])
  while (place.children.length > metrics.length) { charts.delete(place.lastChild); place.lastChild.remove() }
  while (place.children.length < metrics.length) place.append(make('div', {className: 'chart'}))
  const at = Array.from({length: 101}, (_, p) => p)
  metrics.forEach(([m, name, unit], k) => {
    place.children[k].dataset.about = `Percentiles of ${name} of A and B`
    const curves = [['A', one, hue(0), false], ['B', two, hue(1), true]].filter(c => c[1]?.curves[m])
      .map(([label, run, hue, dashed]) => ({label, hue, dashed, values: run.curves[m]}))
    lines(place.children[k], {x: 'percentile', y: `${name}, ${unit}`, at, curves})
  })
}
