// What a budget buys: whole replicas of each configuration that keeps the limits.
function bought(i) {
  const replicas = value('replicas', i) ?? 1, price = value('usd_per_hour', i), rate = value(data.rate, i)
  if (price === null || rate === null || !(price > 0)) return null
  const n = Math.floor(state.budget / (price / replicas) * (1 + 1e-9))
  return {n, rate: n * rate / replicas, price: n * price / replicas}
}

function cost() {
  byId('budget').value = state.budget
  byId('budget').onchange = e => { state.budget = Math.max(0, Number(e.target.value) || 0); cost() }
  const list = rows.filter(i => here(i) && keeps(i) && bought(i))
  const served = i => bought(i).rate
  const top = list.reduce((a, i) => a === null || served(i) > served(a) ? i : a, null)
  const spent = byId('spent'), bars = byId('bars')
  bars.replaceChildren()
  if (top === null || served(top) === 0) {
    spent.replaceChildren(make('p', {className: 'note'}, list.length ? 'The budget does not pay for one replica of any.' : 'No configuration with a known price keeps the limits.'))
    return
  }
  const b = bought(top)
  spent.replaceChildren(make('p', {}, make('b', {}, `${text(b.rate)} requests/s`), ` for ${text(b.price)} $/h: ${b.n} × ${label(top, deployed)}`))
  for (const a of deployed.filter(a => a.name !== 'seed' && few(a))) bars.append(barsOf(a, list, served(top)))
}

// barsOf shows the best that each value of an axis leaves.
function barsOf(axis, list, most) {
  const of = axis.values.map((v, k) => {
    const at = list.filter(i => axis.at[i] === k).reduce((a, i) => a === null || bought(i).rate > bought(a).rate ? i : a, null)
    return {v, at, rate: at === null ? 0 : bought(at).rate}
  }).sort((a, b) => compare(a.v, b.v))
  const rest = deployed.filter(a => a !== axis && a.name !== 'seed')
  return make('figure', {className: 'bars'}, make('figcaption', {}, axis.name), ...of.map(({v, at, rate}) =>
    make('div', {className: 'bar', title: at === null ? '' : label(at, rest)}, make('span', {}, text(v)),
      make('span', {className: 'track'}, make('span', {className: 'fill', style: `width:${100 * rate / most}%`})),
      make('span', {className: 'n'}, at === null ? '–' : text(rate)))))
}
