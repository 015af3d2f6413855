//go:build ignore

package main

import (
	"fmt"
)

type MyErr struct{ Code int }

func (e MyErr) Error() string { return fmt.Sprint("code ", e.Code) }
func main() {
	defer func() { r := recover(); e, ok := r.(MyErr); fmt.Println(ok, e.Code, e) }()
	panic(MyErr{7})
}

// Output:
//	true 7 code 7
