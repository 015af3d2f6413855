// The overview, and what is best for each model and workload.
function tile(name, v, more) {
  return make('div', {className: 'tile'}, make('span', {}, name), make('b', {}, v), make('small', {}, more ?? ''))
}

function overview() {
  const good = rows.filter(i => shown(i) && keeps(i)), failed = Object.keys(data.errors).length
  const top = best(good, data.goal), cheap = best(good, 'usd_per_million_tokens', -1), most = best(good, data.rate)
  byId('tiles').replaceChildren(
    tile('Configurations', text(rows.length), failed ? `${failed} cannot run` : 'all of them run'),
    tile('Keep the limits', text(good.length), state.limits.map(l => `${l.label} ≤ ${text(l.most)} ${l.unit}`).join(', ')),
    tile(column(data.goal).label, top === null ? '–' : said(data.goal, top), top === null ? 'none keeps the limits' : label(top)),
    tile('Million tokens', cheap === null ? '–' : `$ ${text(value('usd_per_million_tokens', cheap))}`, cheap === null ? '' : label(cheap)),
    tile(column(data.rate).label, most === null ? '–' : said(data.rate, most), most === null ? '' : label(most)))
  const fixed = data.axes.filter(a => a.values.length === 1 && a.name !== 'job').map(a => [a.name, a.values[0]])
  const known = new Set(data.axes.map(a => a.name))
  const common = fixed.concat(Object.entries(data.base ?? {}).filter(([k]) => !known.has(k)))
  byId('notes').replaceChildren(...(data.notes ?? []).map(n => make('p', {className: 'note'}, n)))
  byId('common').replaceChildren(...common.map(([k, v]) => make('div', {}, make('dt', {}, k), make('dd', {}, text(v)))))
}

// nearest is the latency that counts where no limit is kept: that of the first one.
const nearest = () => state.limits.length ? limitColumn(state.limits[0]) : 'ttft_p90_s'

// bestOf is the best of a group, or what comes closest to the limits.
function bestOf(group) {
  const list = group.rows.filter(i => shown(i) && runs(i))
  const at = best(list.filter(keeps), data.goal)
  return at !== null ? {at, kept: true} : {at: best(list, nearest(), -1), kept: false}
}

function bests() {
  for (const e of document.querySelectorAll('.goal')) e.textContent = data.goal === 'qps_per_usd' ? 'requests per dollar' : 'requests per GPU'
  const found = data.groups.map(g => ({...bestOf(g), name: g.name})).filter(b => b.at !== null)
  const of = new Map(found.map(b => [b.at, b]))
  const columns = [
    {name: 'limits', label: 'limits', of: i => of.get(i).kept ? 'kept' : 'not kept'},
    ...choices.map(axisColumn),
    ...[data.rate, 'qps_per_usd', 'qps_per_gpu', 'usd_per_hour', ...state.limits.map(limitColumn), 'usd_per_million_tokens', 'mfu_percent']
      .filter((name, k, all) => columnAt.has(name) && all.indexOf(name) === k).map(figureColumn),
  ]
  columns.mark = i => of.get(i).kept ? '' : 'missed'
  table(byId('bests'), columns, found.map(b => b.at), found.some(b => !b.kept) ? 'Where none keeps the limits, the one with the least latency' : 'Best of each workload')
  byId('advice').replaceChildren(...found.flatMap(b => (data.advice?.[b.at] ?? []).map(a =>
    make('p', {className: 'note'}, make('b', {}, [b.name, label(b.at, deployed)].filter(Boolean).join(': ') + ': '), a))))
  if (data.noRuns) byId('advice').append(make('p', {className: 'note'}, `Some were not simulated again for distributions: ${data.noRuns}`))
}
