package eval

import "go/token"

// PlaceOf is a position in a cell with its line, as far as the session knows the
// cell.
func (s *Session) PlaceOf(cell string, line, column int) Place {
	return s.at(token.Position{Filename: cell, Line: line, Column: column})
}
