// What is best for one workload, run on the others; and the prices that the reader sets.

// deploymentOf names what runs, whatever it serves.
const deploymentOf = i => deployed.map(a => a.at[i]).join()

// transfers are the groups of a model: of the best of each, the share of its goal that
// it keeps on every other one, as search.Results.Transfer has it. 0 is of no use.
function transfers(groups) {
  const found = groups.map(g => {
    const list = g.rows.filter(i => shown(i) && keeps(i))
    return {name: g.name, at: best(list, data.goal), rows: new Map(list.map(i => [deploymentOf(i), i]))}
  })
  const kept = (choice, b) => {
    const v = b.rows.has(choice) ? value(data.goal, b.rows.get(choice)) : null
    return v === null ? 0 : value(data.goal, b.at) === v ? 1 : v / value(data.goal, b.at)
  }
  const whole = found.every(b => b.at !== null)
  let robust = null
  if (whole) for (const [choice, at] of found[0].rows) {
    const least = Math.min(...found.map(b => kept(choice, b)))
    if (value(data.goal, at) !== null && (robust === null || least > robust.least)) robust = {at, least}
  }
  return {found, robust, kept: found.map(a => found.map(b => a.at === null || b.at === null ? null : kept(deploymentOf(a.at), b)))}
}

// ofModels are the groups by model, of those that serve several workloads.
function ofModels() {
  const model = data.axes.find(a => a.name === 'model'), sets = new Map()
  for (const g of data.groups) {
    const key = model ? coordinate(model, g.rows[0]) : ''
    sets.set(key, [...sets.get(key) ?? [], g])
  }
  return [...sets.values()].filter(s => s.length > 1)
}

function transfer() {
  const place = byId('transfer')
  place.replaceChildren()
  for (const groups of ofModels()) {
    const t = transfers(groups), inside = make('div')
    const columns = [
      {name: 'best', label: 'best for', of: k => t.found[k].name},
      {name: 'what', label: 'configuration', of: k => t.found[k].at === null ? null : label(t.found[k].at, deployed)},
      ...t.found.map((b, k) => ({name: `on ${k}`, label: `on ${b.name}`, unit: '%', good: 1, of: a => t.kept[a][k] === null ? null : 100 * t.kept[a][k]})),
    ]
    place.append(inside)
    table(inside, columns, t.found.map((_, k) => k), 'What the best of one workload keeps of the best of another')
    if (t.robust) place.append(make('p', {className: 'note'}, make('b', {}, `${label(t.robust.at, deployed)}: `),
      `keeps most where it keeps least, ${text(100 * t.robust.least)} %`))
  }
}

// Prices: of each kind of device, what the reader says over what the results say.
const device = data.axes.find(a => a.name === 'device')
const deviceAt = i => device ? String(coordinate(device, i)) : data.base?.device ?? 'device'
const priceAt = i => {
  const all = value('usd_per_hour', i), n = value('gpus', i)
  return all > 0 && n > 0 ? all / n : null
}

function prices() {
  const at = new Map()
  for (const i of rows) if (!at.has(deviceAt(i)) && priceAt(i) !== null) at.set(deviceAt(i), i)
  byId('prices').replaceChildren(...[...at].map(([name, i]) => {
    const price = make('input', {type: 'number', min: 0, step: 'any', value: Number(priceAt(i).toPrecision(6)), 'aria-label': `price of ${name} in dollars per hour`})
    price.onchange = () => {
      const factor = Number(price.value) / priceAt(i)
      if (factor > 0 && factor < Infinity) reprice(name, factor)
      price.value = Number(priceAt(i).toPrecision(6))
    }
    return make('label', {}, `${name} `, price, ' $/h ')
  }))
}

// reprice multiplies the price of a kind of device, and all that follows from it.
function reprice(name, factor) {
  for (const [k, c] of data.columns.entries()) {
    const power = c.name === 'qps_per_usd' ? -1 : /usd/.test(c.name) ? 1 : 0
    if (power) for (const i of rows) if (deviceAt(i) === name && data.values[k][i] !== null) data.values[k][i] *= factor ** power
  }
  update()
}
