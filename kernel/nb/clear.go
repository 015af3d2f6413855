package nb

// ClearOutput takes away what the cell has printed and shown so far; if wait is true
// not before it prints or shows something again, so that nothing flickers. In a
// terminal, a pipe or a file it does nothing.
func ClearOutput(wait bool) {
	h, _ := host()
	if h.Clear == nil {
		return
	}
	output.Lock()
	defer output.Unlock()
	h.Clear(wait)
}
