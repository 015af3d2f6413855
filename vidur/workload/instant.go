package workload

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// instant is a time in whole seconds and a rest, so that differences of dates
// keep their digits.
type instant struct {
	whole int64   // s
	rest  float64 // s, from 0 to 1
}

func (a instant) seconds() float64      { return float64(a.whole) + a.rest }
func (a instant) sub(b instant) float64 { return float64(a.whole-b.whole) + (a.rest - b.rest) }
func (a instant) compare(b instant) int {
	return cmp.Or(cmp.Compare(a.whole, b.whole), cmp.Compare(a.rest, b.rest))
}

// text is how a file with times of the unit writes it.
func (a instant) text(unit string) string {
	if unit == "date" {
		return time.Unix(a.whole, int64(math.Round(a.rest*1e9))).UTC().Format("2006-01-02 15:04:05.999999999")
	}
	return strconv.FormatFloat(a.seconds()*perSecond(unit), 'f', -1, 64) + " " + unit
}

// perSecond is how many of a unit a second has.
func perSecond(unit string) float64 {
	switch unit {
	case "ms":
		return 1e3
	case "µs":
		return 1e6
	case "ns":
		return 1e9
	}
	return 1
}

// parseTime reads a date or a number of seconds.
func parseTime(text string) (instant, bool) {
	if at, ok := parseClock(text, "s"); ok {
		return at, true
	}
	return parseDate(text)
}

// parseClock reads a number of a unit.
func parseClock(text, unit string) (instant, bool) {
	text = strings.TrimSpace(text)
	per := perSecond(unit)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > -1<<62 && n < 1<<62 {
		whole := n / int64(per)
		if n%int64(per) < 0 {
			whole--
		}
		return instant{whole, float64(n-whole*int64(per)) / per}.bounded()
	}
	v, err := strconv.ParseFloat(text, 64)
	v /= per
	if err != nil || math.Abs(v) > 1<<52 || math.IsNaN(v) {
		return instant{}, false
	}
	whole := math.Floor(v)
	return instant{int64(whole), v - whole}, true
}

// bounded refuses times whose differences would lose their digits.
func (a instant) bounded() (instant, bool) { return a, a.whole <= 1<<52 && a.whole >= -1<<52 }

// parseDate reads a date, in UTC if it names no zone.
func parseDate(text string) (instant, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04:05Z07:00", time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if d, err := time.Parse(layout, text); err == nil {
			return instant{d.Unix(), float64(d.Nanosecond()) / 1e9}, true
		}
	}
	return instant{}, false
}
