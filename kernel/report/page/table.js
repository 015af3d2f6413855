// Tables that are sorted by a click on a head. A column is {name, label, unit, of,
// good}: of gives the value of a row; rows without one come last.
const page = 50

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null)
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true})
}

// table fills a place. What the reader sorted by stays when it is filled again.
function table(place, columns, list, caption) {
  const sort = place.sorted ?? {name: null, down: false}
  const by = columns.find(c => c.name === sort.name)
  let sorted = list
  if (by) {
    const [with_, without] = [list.filter(i => by.of(i) !== null), list.filter(i => by.of(i) === null)]
    sorted = with_.sort((a, b) => (sort.down ? -1 : 1) * compare(by.of(a), by.of(b)) || a - b).concat(without)
  }
  const most = place.most ?? page
  const again = () => table(place, columns, list, caption)
  const head = columns.map(c => {
    const turn = () => {
      place.sorted = {name: c.name, down: sort.name === c.name ? !sort.down : c.good === 1}
      again()
      place.querySelectorAll('th button')[columns.indexOf(c)].focus()
    }
    const order = sort.name === c.name ? (sort.down ? 'descending' : 'ascending') : 'none'
    return make('th', {scope: 'col', 'aria-sort': order}, make('button', {type: 'button', onclick: turn}, c.label,
      c.unit ? make('small', {}, ' ' + c.unit) : null))
  })
  const body = sorted.slice(0, most).map(i => make('tr', {className: columns.mark?.(i) ?? ''}, ...columns.map(c => {
    const v = c.of(i)
    return c.cell ? make('td', {}, c.cell(i)) : make('td', {className: typeof v === 'number' || v === null ? 'n' : ''}, text(v))
  })))
  const sheet = make('table', {}, make('caption', {}, caption ?? ''), make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body))
  place.replaceChildren(make('div', {className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': caption ?? ''}, sheet))
  if (sorted.length > most) {
    const show = n => () => { place.most = n; again() }
    place.append(make('p', {className: 'rest'}, `${most} of ${sorted.length} rows. `,
      make('button', {type: 'button', onclick: show(most + 200)}, 'More'), ' ', make('button', {type: 'button', onclick: show(Infinity)}, 'All')))
  }
}

const axisColumn = a => ({name: a.name, label: a.name, of: i => coordinate(a, i)})
const figureColumn = name => ({...column(name), of: i => value(name, i)})

// selectOf fills a list to choose from: pairs of value and text.
function selectOf(e, options, chosen, then) {
  e.replaceChildren(...options.map(([v, t]) => make('option', {value: String(v), selected: String(v) === String(chosen)}, t)))
  e.onchange = () => then(e.value)
}
