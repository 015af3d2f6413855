package lower

// Left is how many goroutines run that go statements have started. It may be
// called from any goroutine.
func (r *Runtime) Left() int { return int(r.left.Load()) }

// start runs a function in a goroutine.
func (r *Runtime) start(f func()) {
	r.left.Add(1)
	go func() {
		defer r.left.Add(-1)
		defer func() {
			if r.OnPanic == nil {
				return
			}
			if v := recover(); v != nil {
				r.OnPanic(Explain(v), r.Position())
			}
		}()
		f()
	}()
}
