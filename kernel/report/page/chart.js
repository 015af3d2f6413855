// Charts of uPlot in the colours of the page.
let paper = false // the page is being printed
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
const palette = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const hue = k => colour(k < palette.length ? palette[k] : 'faint')
const charts = new Map() // by place

// wideOf is how wide a chart may be: on paper two stand side by side.
const wideOf = place => paper ? 340 : Math.max(260, Math.floor(place.clientWidth))

const axisOf = (label, more = {}) => ({
  label, labelSize: 22, labelFont: '13px system-ui, sans-serif', font: '12px system-ui, sans-serif', stroke: colour('faint'),
  grid: {stroke: colour('line'), width: 1}, ticks: {stroke: colour('line'), width: 1}, values: (u, marks) => marks.map(v => v === null ? '' : text(v)), ...more,
})

// draw puts a chart in a place, instead of that of before.
function draw(place, options, values) {
  charts.get(place)?.destroy()
  place.replaceChildren()
  const wide = wideOf(place)
  const chart = new uPlot({width: wide, height: Math.round(Math.min(380, Math.max(240, wide * 0.6))), ...options}, values, place)
  charts.set(place, chart)
  chart.root.setAttribute('role', 'img')
  chart.root.setAttribute('aria-label', place.dataset.about ?? '')
  return chart
}

// span is what a scale must show of some values; on a logarithmic one only those above 0.
function span(values, log, most = null) {
  const all = values.filter(v => v !== null && (!log || v > 0))
  if (most !== null && !log) all.push(0)
  if (!all.length) return log ? [0.1, 1] : [0, 1]
  let [low, high] = [Math.min(...all), Math.max(...all)]
  if (log) return [low / 1.2, high * 1.2]
  const room = (high - low || Math.abs(high) || 1) * 0.06
  return [low === 0 ? 0 : low - room, high + room]
}

// scatter draws points {x, y, row, hue, hollow} and lines {points, hue, dashed}. mark is a
// limit of x. Points are told of by tip(row) and picked by pick(rows), those of one place together.
function scatter(place, {points, lines = [], mark = null, x, y, tip, pick, whole = false}) {
  const xs = points.map(p => p.x), ys = points.map(p => p.y)
  const log = xs.some(v => v > 0) && Math.max(...xs) > 40 * Math.min(...xs.filter(v => v > 0))
  const canvasAt = (u, p) => [u.valToPos(p.x, 'x', true), u.valToPos(p.y, 'y', true)]
  const paint = u => {
    const {ctx, bbox} = u, dot = uPlot.pxRatio
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    if (mark !== null) stroke(ctx, [[u.valToPos(mark, 'x', true), bbox.top], [u.valToPos(mark, 'x', true), bbox.top + bbox.height]], colour('bad'), dot, true)
    for (const l of lines) stroke(ctx, l.points.map(p => canvasAt(u, p)), l.hue, 1.5 * dot, l.dashed)
    for (const p of points) circle(ctx, canvasAt(u, p), p, (points.length > 2000 ? 2 : 3.5) * dot)
    ctx.restore()
  }
  const near = u => {
    let at = null, least = 18 ** 2
    for (const p of points) {
      const d = (u.valToPos(p.x, 'x') - u.cursor.left) ** 2 + (u.valToPos(p.y, 'y') - u.cursor.top) ** 2
      if (d < least && u.cursor.left >= 0) [at, least] = [p, d]
    }
    return at
  }
  const alike = p => points.filter(q => q.x === p.x && q.y === p.y)
  const nothing = {facets: [{scale: 'x', auto: false}, {scale: 'y', auto: false}], paths: () => null, points: {show: false}}
  const chart = draw(place, {
    mode: 2, legend: {show: false}, cursor: {points: {show: false}, drag: {x: true, y: true, dist: 8}},
    scales: {x: {time: false, distr: log ? 3 : 1, range: scaleOf(span(mark === null ? xs : [...xs, mark], log, 0))}, y: {range: scaleOf(span(ys, false, 0))}},
    axes: [axisOf(x, {incrs: whole ? [1, 2, 5, 10, 20, 50] : undefined}), axisOf(y, {size: 62})], series: [null, nothing],
    hooks: {draw: [paint], setCursor: [u => showTip(u, near(u), p => told(tip(p.row), alike(p).length - 1))]},
  }, [null, [xs, ys]])
  chart.over.addEventListener('mouseleave', hideTip)
  let down = null
  chart.over.addEventListener('mousedown', e => { down = [e.clientX, e.clientY] })
  chart.over.addEventListener('click', e => {
    const p = near(chart)
    if (p && pick && down && Math.hypot(e.clientX - down[0], e.clientY - down[1]) < 8) pick(alike(p).map(q => q.row))
  })
  return chart
}

// scaleOf is a range that drags change and double-clicks bring back.
const scaleOf = whole => (u, low, high) => low === null || low === undefined || u.status === 0 ? whole : [low, high]

function stroke(ctx, points, hue, width, dashed) {
  ctx.beginPath()
  points.forEach(([x, y], k) => k ? ctx.lineTo(x, y) : ctx.moveTo(x, y))
  ctx.strokeStyle = hue
  ctx.lineWidth = width
  ctx.setLineDash(dashed ? [6 * width, 4 * width] : [])
  ctx.stroke()
  ctx.setLineDash([])
}

function circle(ctx, [x, y], p, radius) {
  ctx.beginPath()
  ctx.arc(x, y, p.chosen ? 1.9 * radius : radius, 0, 2 * Math.PI)
  ctx.fillStyle = p.hollow ? colour('paper') : p.hue
  ctx.strokeStyle = p.chosen ? colour('ink') : p.hollow ? p.hue : colour('paper')
  ctx.lineWidth = (p.chosen ? 0.6 : p.hollow ? 0.4 : 0.25) * radius
  ctx.fill()
  ctx.stroke()
}

const told = (tip, more) => more ? [...tip, make('small', {}, `and ${more} more at this place`)] : tip

const hideTip = () => { byId('tip').hidden = true }

// showTip tells of a point, beside it and on the screen.
function showTip(u, p, tip) {
  if (!p) return hideTip()
  const e = byId('tip'), box = u.over.getBoundingClientRect()
  e.replaceChildren(...tip(p))
  e.hidden = false
  const x = box.left + u.valToPos(p.x, 'x'), y = box.top + u.valToPos(p.y, 'y')
  e.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - e.offsetWidth - 4))}px`
  e.style.top = `${y + 14 + e.offsetHeight > innerHeight ? Math.max(4, y - e.offsetHeight - 14) : y + 14}px`
}

// lines draws curves {label, hue, dashed, values} over the same x, with their values at the
// pointer below.
function lines(place, {x, y, at, curves}) {
  return draw(place, {
    cursor: {points: {size: 7}}, legend: {live: true},
    scales: {x: {time: false}, y: {range: scaleOf(span(curves.flatMap(c => c.values), false, 0))}},
    axes: [axisOf(x), axisOf(y, {size: 62})],
    series: [{label: x, value: (u, v) => text(v)}, ...curves.map(c => ({
      label: c.label, stroke: c.hue, width: 1.75, dash: c.dashed ? [6, 4] : [], points: {show: false}, value: (u, v) => text(v),
    }))],
  }, [at, ...curves.map(c => c.values)])
}
