// Charts are drawn with two dots for each pixel at least, since they may be printed:
// uPlot looks at this number once, when it is loaded.
{
  const dots = Math.max(2, window.devicePixelRatio)
  Object.defineProperty(window, 'devicePixelRatio', {get: () => dots})
}
