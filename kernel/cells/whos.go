package cells

import "strings"

// whos shows what is declared.
func (s *Shell) whos(call) error {
	rows := [][]string{{"name", "kind", "type", "value", "where"}}
	for _, l := range s.session.List() {
		rows = append(rows, []string{l.Name, l.Kind, oneLine(l.Type), oneLine(l.Value), l.Place})
	}
	if len(rows) == 1 {
		s.print("nothing is declared\n")
		return nil
	}
	s.show(grid(rows), "", false)
	return nil
}

// widest is how many runes a type has in a table.
const widest = 60

// oneLine joins lines, and cuts what is too long.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > widest {
		text = string(r[:widest-1]) + "…"
	}
	return text
}
