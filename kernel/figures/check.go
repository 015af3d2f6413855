package figures

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/internal/whole"
)

// Tolerance is how far a number may be from the published one, as a part of the
// greatest of its column. It is far above what the order of roundings changes (1e-12)
// and far below what a figure shows.
const Tolerance = 1e-6

// Save writes what is published into a folder, which is made if it is not there.
func (s *Set) Save(dir string) error {
	numbers, err := s.Numbers()
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = whole.Write(filepath.Join(dir, SumsFile), s.Sums())
	}
	if err == nil {
		err = whole.Write(filepath.Join(dir, NumbersFile), numbers)
	}
	if err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	return nil
}

// Check compares with what is published in a folder and says in a line each what
// differs: files by their sums if exact, and the numbers of figures whose own are
// not the same to the bit.
func (s *Set) Check(published string, exact bool) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(published, SumsFile))
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	sums, err := readSums(text)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	var found []string
	look := map[string]bool{} // at the numbers of a figure
	for _, name := range union(s.files, sums) {
		now, before := s.files[name], sums[name]
		switch {
		case now == "":
			found = append(found, name+" is published and was not made")
		case before == "":
			found = append(found, name+" was made and is not published")
		case now != before:
			figure, numbers := strings.CutSuffix(name, ".csv")
			look[figure] = numbers
			if exact {
				found = append(found, name+" has other bytes than the published one")
			}
		}
	}
	moved, err := s.moved(published, look)
	return append(found, moved...), err
}

// moved says which numbers of the figures to look at are not those published.
func (s *Set) moved(published string, look map[string]bool) (found []string, err error) {
	text, err := os.ReadFile(filepath.Join(published, NumbersFile))
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	before, err := readNumbers(text)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	now, err := s.table()
	if err != nil {
		return nil, err
	}
	say := func(k key, what string) {
		if what != "" && look[k.figure] {
			found = append(found, fmt.Sprintf("%s: %s: %s: %s", k.figure, k.part, k.column, what))
		}
	}
	for _, k := range now.keys {
		say(k, now.rows[k].difference(before.rows[k]))
	}
	for _, k := range before.keys {
		if _, ok := now.rows[k]; !ok {
			say(k, "it is gone")
		}
	}
	return found, nil
}

// difference says what differs more than Tolerance; empty if nothing does.
func (r stats) difference(was stats) string {
	scale := max(math.Abs(r.least), math.Abs(r.most), math.Abs(was.least), math.Abs(was.most))
	for _, c := range []struct {
		name     string
		now, was float64
	}{
		{"the count", float64(r.count), float64(was.count)},
		{"the least", r.least, was.least}, {"the mean", r.mean, was.mean}, {"the greatest", r.most, was.most},
	} {
		same := c.now == c.was || c.now != c.now && c.was != c.was
		if c.name == "the count" && !same || !same && !(math.Abs(c.now-c.was) <= Tolerance*scale) {
			return fmt.Sprintf("%s is %s, was %s", c.name, digits(c.now), digits(c.was))
		}
	}
	return ""
}

// union are the keys of two maps in order.
func union(a, b map[string]string) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
