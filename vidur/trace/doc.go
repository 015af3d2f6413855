// Package trace writes what happens in a simulation down, while it happens:
//
//	Chrome  the batches on the devices, for chrome://tracing and ui.perfetto.dev
//	Events  every event, as JSON
//
// Both are recorders that write to an io.Writer and hold nothing but a buffer.
// Close ends the file, also that of a run which was cut or failed; the file is
// then valid JSON. A failed write ends the writing, and Close reports it.
//
//	f, err := os.Create("chrome_trace.json")
//	…
//	chrome := trace.NewChrome(f, trace.ChromeOptions{})
//	sim, err := vidur.New(cfg, chrome)
//	…
//	err = errors.Join(sim.Run(ctx), chrome.Close(), f.Close())
package trace
