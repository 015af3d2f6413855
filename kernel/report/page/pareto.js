// Fronts of the goal against each latency that has a limit.
function tip(i) {
  const facts = [data.rate, data.goal, 'usd_per_hour', ...state.limits.map(limitColumn), 'usd_per_million_tokens', 'busy_percent']
  return [make('b', {}, label(i, deployed)), make('table', {}, ...[...new Set(facts)].filter(n => columnAt.has(n)).map(n =>
    make('tr', {}, make('td', {}, column(n).label), make('td', {className: 'n'}, said(n, i)))))]
}

// colouring tells which colour a row has, by an axis: the first values have their own.
function colouring() {
  const axis = deployed.find(a => a.name === state.colour)
  return {axis, of: i => axis ? axis.at[i] : 0}
}

function keys({axis}) {
  const names = axis ? axis.values.slice(0, palette.length).map((v, k) => [k, `${axis.name} ${v}`]) : []
  if (axis && axis.values.length > palette.length) names.push([palette.length, 'others'])
  byId('keys').replaceChildren(...names.map(([k, name]) => make('span', {}, make('i', {style: `background:var(--${palette[k] ?? 'faint'})`}), name)))
}

function pareto() {
  selectOf(byId('colour'), [['', 'one'], ...deployed.map(a => [a.name, a.name])], state.colour ?? '', v => { state.colour = v || null; pareto() })
  const by = colouring(), place = byId('fronts')
  keys(by)
  while (place.children.length > state.limits.length) place.lastChild.remove()
  while (place.children.length < state.limits.length) place.append(make('div', {className: 'chart'}))
  const list = rows.filter(here), joined = new Set()
  state.limits.forEach((l, k) => {
    const name = limitColumn(l)
    const points = list.filter(i => value(name, i) !== null && value(data.goal, i) !== null)
    const at = i => ({x: value(name, i), y: value(data.goal, i), row: i})
    const best = front(points.filter(keeps), name, data.goal)
    best.forEach(i => joined.add(i))
    place.children[k].dataset.about = `${column(data.goal).label} over ${column(name).label}`
    scatter(place.children[k], {
      points: points.map(i => ({...at(i), hue: hue(by.of(i)), hollow: !keeps(i), chosen: state.pair.includes(i)})),
      lines: [{points: best.map(at), hue: colour('ink')}], mark: l.most, tip, pick,
      x: `${l.label}, ${l.unit}`, y: data.goal === 'qps_per_usd' ? 'requests/s per $/h' : 'requests/s per GPU',
    })
  })
  const columns = [...deployed.map(axisColumn), ...[data.goal, data.rate, 'usd_per_hour', ...state.limits.map(limitColumn)]
    .filter((n, k, all) => columnAt.has(n) && all.indexOf(n) === k).map(figureColumn)]
  table(byId('front'), columns, [...joined].sort((a, b) => a - b), 'On a front')
}

// pick makes a row the second of the pair to compare, and the second the first: the
// first of some that is not of the pair.
function pick(rows) {
  const i = rows.find(i => !state.pair.includes(i))
  if (i === undefined) return
  state.pair = [state.pair[1], i]
  pareto()
  comparison()
}
