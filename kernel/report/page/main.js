// Limits, filters, the table of all, and what makes the page anew.
function limits() {
  byId('limits').replaceChildren(...state.limits.map(l => {
    const name = l.label.split(' ')[0]
    const percent = make('select', {'aria-label': `percentile of ${name}`})
    selectOf(percent, percents.map(p => [p, `P${p}`]), l.percent, v => { l.percent = Number(v); l.label = `${name} P${v}`; update() })
    const most = make('input', {type: 'number', min: 0, step: 'any', value: l.most ?? '', placeholder: 'none', 'aria-label': `limit of ${name} in ${l.unit}`})
    most.onchange = () => { l.most = Number(most.value) > 0 ? Number(most.value) : null; update() }
    return make('span', {className: 'limit'}, `${name} `, percent, ' ≤ ', most, ` ${l.unit}`)
  }))
}

function workloads() {
  selectOf(byId('serving'), data.groups.map((g, k) => [k, g.name]), state.serving, v => { state.serving = Number(v); update() })
  document.querySelector('.serves').hidden = data.groups.length < 2
}

function filters() {
  const count = rows.filter(shown).length
  byId('filtered').textContent = count < rows.length ? `(${count} of ${rows.length} configurations)` : ''
  byId('filters').hidden = !choices.some(few)
  byId('axes').replaceChildren(...choices.filter(few).map(a => {
    const hidden = state.hidden.get(a.name)
    const box = k => make('label', {}, make('input', {type: 'checkbox', checked: !hidden.has(k), onchange: e => {
      e.target.checked ? hidden.delete(k) : hidden.add(k)
      update()
    }}), ` ${a.values[k]}`)
    const every = a.values.length > 2 ? make('button', {type: 'button', onclick: () => {
      hidden.size ? hidden.clear() : a.values.forEach((_, k) => hidden.add(k))
      update()
    }}, hidden.size ? 'all' : 'none') : null
    return make('fieldset', {}, make('legend', {}, a.name), ...a.values.map((_, k) => box(k)), every)
  }))
}

function everything() {
  byId('more').onchange = e => { state.more = e.target.checked; everything() }
  byId('keep').onchange = e => { state.keep = e.target.checked; everything() }
  const figures = data.columns.filter(c => state.more || c.main || state.limits.some(l => limitColumn(l) === c.name))
  const columns = [...(state.more ? data.axes : choices).map(axisColumn), ...figures.map(c => figureColumn(c.name))]
  columns.mark = i => keeps(i) ? '' : 'missed'
  const list = rows.filter(i => shown(i) && runs(i) && (!state.keep || keeps(i)))
  table(byId('table'), columns, list, 'Those that do not keep the limits are grey')
  const broken = rows.filter(i => !runs(i) && shown(i)), place = byId('broken')
  place.replaceChildren()
  if (!broken.length) return
  const inside = make('div')
  place.append(make('h3', {}, 'Cannot run'), inside)
  table(inside, [...choices.map(axisColumn), {name: 'why', label: 'why', of: i => data.errors[i]}], broken, 'Why')
}

const parts = () => [pareto, comparison, progress]

function update() {
  const focus = document.activeElement, inside = focus?.closest('#axes')
  const nth = inside ? [...inside.querySelectorAll('input, button')].indexOf(focus) : -1
  overview()
  filters()
  bests()
  transfer()
  cost()
  everything()
  comparison()
  pareto()
  progress()
  if (nth >= 0) byId('axes').querySelectorAll('input, button')[nth]?.focus()
}

// redraw draws the charts again, in other colours or to another width.
function redraw() {
  hideTip()
  parts().forEach(part => part())
}

function onPaper(on) {
  if (paper === on) return
  paper = on
  document.documentElement.classList.toggle('paper', on)
  redraw()
}

let width = innerWidth
addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; requestAnimationFrame(redraw) } })
addEventListener('scroll', hideTip, {passive: true})
addEventListener('beforeprint', () => onPaper(true))
addEventListener('afterprint', () => onPaper(false))
matchMedia('print').addEventListener('change', e => onPaper(e.matches))
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)

state.colour = (deployed.find(a => a.name === 'tp') ?? deployed.find(a => a.values.length <= palette.length) ?? deployed[0])?.name ?? null
byId('made').textContent = `Made by govidur from results of engine ${data.engine}. Charts: uPlot 1.6.32, MIT licence, in the source of this page.`
limits()
workloads()
prices()
update()
document.documentElement.dataset.ready = ''
