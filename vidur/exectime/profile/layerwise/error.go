package layerwise

import "fmt"

// Error is what is wrong with a file.
type Error struct {
	File string
	Line int // from 1; 0 if it is the file as a whole
	Text string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}
