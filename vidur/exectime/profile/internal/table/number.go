package table

import (
	"math"
	"strings"
)

// blanks are the words that pandas takes for a missing number.
var blanks = [...]string{"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
	"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}

// pow10 are the powers of ten up to the largest.
var pow10 = func() (p [309]float64) {
	for i := range p {
		p[i] = math.Pow10(i)
	}
	return p
}()

const maxDigits = 17

// number reads a cell: NaN for a blank one. It reports whether the cell is a
// number.
func number(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	v, rest, ok := decimal(s)
	if ok && rest == "" {
		return v, true
	}
	for _, b := range blanks {
		if s == b {
			return math.NaN(), true
		}
	}
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "true":
		return 1, s[0] != '+' && s[0] != '-'
	case "false":
		return 0, s[0] != '+' && s[0] != '-'
	case "inf", "infinity":
		return math.Inf(1 - 2*strings.Count(s[:1], "-")), true
	}
	return 0, false
}

// decimal is pandas' precise_xstrtod.
func decimal(s string) (v float64, rest string, ok bool) {
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	digits, exponent, any := 0, 0, false
	i := 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		any = true
		if digits < maxDigits {
			v = float64(v*10) + float64(s[i]-'0')
			digits++
		} else {
			exponent++
		}
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && s[i]-'0' <= 9; i++ {
			any = true
			if digits < maxDigits {
				v = float64(v*10) + float64(s[i]-'0')
				digits++
				exponent--
			}
		}
	}
	if !any {
		return 0, s, false
	}
	power, n := tenth(s[i:])
	v = scale(v, exponent+power)
	if negative {
		v = -v
	}
	return v, s[i+n:], true
}

// tenth reads the exponent, if there is one, and says how long it is.
func tenth(s string) (power, n int) {
	if s == "" || s[0]|0x20 != 'e' {
		return 0, 0
	}
	i, sign := 1, 1
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		if s[i] == '-' {
			sign = -1
		}
		i++
	}
	start := i
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		power = min(power*10+int(s[i]-'0'), 1<<20)
	}
	if i == start {
		return 0, 0
	}
	return sign * power, i
}

func scale(v float64, exponent int) float64 {
	switch {
	case v == 0 || exponent == 0:
		return v
	case exponent > 308:
		return math.Inf(1)
	case exponent > 0:
		return v * pow10[exponent]
	case exponent >= -308:
		return v / pow10[-exponent]
	case exponent >= -616:
		return v / pow10[308] / pow10[-308-exponent]
	}
	return 0
}
