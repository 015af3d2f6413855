// What the page is of, what the reader chose, and questions about rows.
const data = JSON.parse(document.getElementById('data').textContent)
const byId = id => document.getElementById(id)
const rows = data.axes.length ? data.axes[0].at.map((_, i) => i) : data.values[0].map((_, i) => i)

const columnAt = new Map(data.columns.map((c, k) => [c.name, k]))
const column = name => data.columns[columnAt.get(name)] ?? {name, label: name}
const value = (name, i) => columnAt.has(name) ? data.values[columnAt.get(name)][i] : null
const coordinate = (axis, i) => axis.values[axis.at[i]]

// Axes that tell configurations apart; job is a name for all others.
const choices = data.axes.filter(a => a.values.length > 1 && a.name !== 'job')
const deployed = choices.filter(a => !a.serves)
const few = a => a.values.length <= 40 // as many as can be told apart in a list

const state = {
  limits: data.limits.map(l => ({...l})),
  hidden: new Map(choices.map(a => [a.name, new Set()])),
  budget: data.budget, serving: 0, colour: null, pair: [null, null], more: false, keep: false, searched: null,
}

// Charts are of one model and workload, that which the reader has chosen.
const groupOf = []
data.groups.forEach((g, k) => g.rows.forEach(i => { groupOf[i] = k }))
const here = i => groupOf[i] === state.serving && shown(i) && runs(i)

const percents = [50, 90, 99]
const limitColumn = l => `${l.metric}_p${l.percent}_s`
const runs = i => !(i in data.errors)
const shown = i => choices.every(a => !state.hidden.get(a.name).has(a.at[i]))
const within = (l, i) => {
  const v = value(limitColumn(l), i)
  return l.most === null || v !== null && v <= l.most * data.slack
}
const keeps = i => runs(i) && state.limits.every(l => within(l, i))

// best is the row with most of a column, the first of equal ones; null if there is none.
function best(candidates, name, sign = 1) {
  let at = null
  for (const i of candidates) {
    const v = value(name, i)
    if (v !== null && (at === null || sign * v > sign * value(name, at))) at = i
  }
  return at
}

// front lists the rows that no other one beats: less of one column, more of another.
function front(candidates, less, more) {
  const sorted = candidates.filter(i => value(less, i) !== null && value(more, i) !== null)
    .sort((a, b) => value(less, a) - value(less, b) || value(more, b) - value(more, a) || a - b)
  const kept = []
  for (const i of sorted) {
    const last = kept.at(-1)
    const equal = last !== undefined && value(less, i) === value(less, last) && value(more, i) === value(more, last)
    if (last === undefined || equal || value(more, i) > value(more, last)) kept.push(i)
  }
  return kept
}

// text of a number: four digits, with spaces between thousands.
function text(v) {
  if (v === null || v === undefined) return '–'
  if (typeof v !== 'number') return String(v)
  if (v === 0) return '0'
  const size = Math.abs(v)
  if (size >= 1e7 || size < 1e-4) return v.toExponential(2)
  const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(size))))
  const short = String(Number(v.toFixed(digits)))
  return size < 1e4 ? short : Math.round(v).toString().replace(/\B(?=(\d{3})+$)/g, ' ')
}

const said = (name, i) => [text(value(name, i)), column(name).unit].filter(Boolean).join(' ')
const label = (i, axes = choices) => axes.map(a => `${a.name} ${coordinate(a, i)}`).join(', ') || `row ${i + 1}`

// make makes an element; what stands in it is text or elements, never markup.
function make(tag, with_ = {}, ...inside) {
  const e = document.createElement(tag)
  for (const [k, v] of Object.entries(with_)) k in e ? e[k] = v : e.setAttribute(k, v)
  e.append(...inside.filter(x => x !== null))
  return e
}
