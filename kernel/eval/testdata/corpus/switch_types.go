//go:build ignore

package main

import (
	"errors"
	"fmt"
)

type T struct{ n int }

func kind(v any) string {
	switch x := v.(type) {
	case nil:
		return "nil"
	case int, float64:
		return fmt.Sprintf("number %v", x)
	case string:
		return "string " + x
	case T:
		return fmt.Sprint("T ", x.n)
	case *T:
		return fmt.Sprint("*T ", x.n)
	case error:
		return "error " + x.Error()
	case []int:
		return fmt.Sprint(len(x))
	}
	return "other"
}
func main() {
	for _, v := range []any{1, "s", 2.5, nil, []int{1}, T{3}, &T{4}, error(nil), errors.New("e"), true} {
		fmt.Println(kind(v))
	}
}

// Output:
//	number 1
//	string s
//	number 2.5
//	nil
//	1
//	T 3
//	*T 4
//	nil
//	error e
//	other
