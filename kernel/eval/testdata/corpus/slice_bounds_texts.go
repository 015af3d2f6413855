//go:build ignore

package main

import "fmt"

func try(name string, f func() int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, r)
		}
	}()
	f()
}

func count(i int) int { fmt.Print(i, " "); return i }

func main() {
	a := [3]int{1, 2, 3}
	s, p, str := a[:2], &a, "123"
	for _, i := range []int{-1, 1, 4} {
		try(fmt.Sprint("array low ", i), func() int { return len(a[i:]) })
		try(fmt.Sprint("slice low ", i), func() int { return len(s[i:]) })
		try(fmt.Sprint("string low ", i), func() int { return len(str[i:]) })
		try(fmt.Sprint("array high ", i), func() int { return len(a[:i]) })
		try(fmt.Sprint("pointer high ", i), func() int { return len(p[:i]) })
		try(fmt.Sprint("slice high ", i), func() int { return len(s[:i]) })
		try(fmt.Sprint("string high ", i), func() int { return len(str[:i]) })
		for _, j := range []int{-1, 0, 3} {
			try(fmt.Sprint("slice ", i, j), func() int { return len(s[i:j]) })
			try(fmt.Sprint("slice of calls ", i, j), func() int { return len(s[count(i):count(j)]) })
			try(fmt.Sprint("string ", i, j), func() int { return len(str[i:j]) })
			try(fmt.Sprint("array 3 ", i, j), func() int { return len(a[0:i:j]) })
			try(fmt.Sprint("slice 3 ", i, j), func() int { return len(s[i:1:j]) })
			try(fmt.Sprint("pointer 3 ", i, j), func() int { return len(p[i:j:3]) })
		}
	}
	for _, u := range []uint64{2, 5, 1 << 63} {
		try(fmt.Sprint("array u ", u), func() int { return len(a[u:]) })
		try(fmt.Sprint("slice u ", u), func() int { return len(s[:u]) })
		try(fmt.Sprint("string u ", u), func() int { return len(str[u:1]) })
		try(fmt.Sprint("slice 3 u ", u), func() int { return len(s[1:u:u]) })
		try(fmt.Sprint("array 3 u ", u), func() int { return len(a[u:u:3]) })
	}
	var b byte = 200
	try("byte", func() int { return len(s[b:]) })
}

// Output:
//	array low -1 runtime error: slice bounds out of range [-1:]
//	slice low -1 runtime error: slice bounds out of range [-1:]
//	string low -1 runtime error: slice bounds out of range [-1:]
//	array high -1 runtime error: slice bounds out of range [:-1]
//	pointer high -1 runtime error: slice bounds out of range [:-1]
//	slice high -1 runtime error: slice bounds out of range [:-1]
//	string high -1 runtime error: slice bounds out of range [:-1]
//	slice -1 -1 runtime error: slice bounds out of range [:-1]
//	-1 -1 slice of calls -1 -1 runtime error: slice bounds out of range [:-1]
//	string -1 -1 runtime error: slice bounds out of range [:-1]
//	array 3 -1 -1 runtime error: slice bounds out of range [::-1]
//	slice 3 -1 -1 runtime error: slice bounds out of range [::-1]
//	pointer 3 -1 -1 runtime error: slice bounds out of range [:-1:]
//	slice -1 0 runtime error: slice bounds out of range [-1:]
//	-1 0 slice of calls -1 0 runtime error: slice bounds out of range [-1:]
//	string -1 0 runtime error: slice bounds out of range [-1:]
//	array 3 -1 0 runtime error: slice bounds out of range [:-1:]
//	slice 3 -1 0 runtime error: slice bounds out of range [:1:0]
//	pointer 3 -1 0 runtime error: slice bounds out of range [-1::]
//	slice -1 3 runtime error: slice bounds out of range [-1:]
//	-1 3 slice of calls -1 3 runtime error: slice bounds out of range [-1:]
//	string -1 3 runtime error: slice bounds out of range [-1:]
//	array 3 -1 3 runtime error: slice bounds out of range [:-1:]
//	slice 3 -1 3 runtime error: slice bounds out of range [-1::]
//	pointer 3 -1 3 runtime error: slice bounds out of range [-1::]
//	slice 1 -1 runtime error: slice bounds out of range [:-1]
//	1 -1 slice of calls 1 -1 runtime error: slice bounds out of range [:-1]
//	string 1 -1 runtime error: slice bounds out of range [:-1]
//	array 3 1 -1 runtime error: slice bounds out of range [::-1]
//	slice 3 1 -1 runtime error: slice bounds out of range [::-1]
//	pointer 3 1 -1 runtime error: slice bounds out of range [:-1:]
//	slice 1 0 runtime error: slice bounds out of range [1:0]
//	1 0 slice of calls 1 0 runtime error: slice bounds out of range [1:0]
//	string 1 0 runtime error: slice bounds out of range [1:0]
//	array 3 1 0 runtime error: slice bounds out of range [:1:0]
//	slice 3 1 0 runtime error: slice bounds out of range [:1:0]
//	pointer 3 1 0 runtime error: slice bounds out of range [1:0:]
//	1 3 array low 4 runtime error: slice bounds out of range [4:3]
//	slice low 4 runtime error: slice bounds out of range [4:2]
//	string low 4 runtime error: slice bounds out of range [4:3]
//	array high 4 runtime error: slice bounds out of range [:4] with length 3
//	pointer high 4 runtime error: slice bounds out of range [:4] with length 3
//	slice high 4 runtime error: slice bounds out of range [:4] with capacity 3
//	string high 4 runtime error: slice bounds out of range [:4] with length 3
//	slice 4 -1 runtime error: slice bounds out of range [:-1]
//	4 -1 slice of calls 4 -1 runtime error: slice bounds out of range [:-1]
//	string 4 -1 runtime error: slice bounds out of range [:-1]
//	array 3 4 -1 runtime error: slice bounds out of range [::-1]
//	slice 3 4 -1 runtime error: slice bounds out of range [::-1]
//	pointer 3 4 -1 runtime error: slice bounds out of range [:-1:]
//	slice 4 0 runtime error: slice bounds out of range [4:0]
//	4 0 slice of calls 4 0 runtime error: slice bounds out of range [4:0]
//	string 4 0 runtime error: slice bounds out of range [4:0]
//	array 3 4 0 runtime error: slice bounds out of range [:4:0]
//	slice 3 4 0 runtime error: slice bounds out of range [:1:0]
//	pointer 3 4 0 runtime error: slice bounds out of range [4:0:]
//	slice 4 3 runtime error: slice bounds out of range [4:3]
//	4 3 slice of calls 4 3 runtime error: slice bounds out of range [4:3]
//	string 4 3 runtime error: slice bounds out of range [4:3]
//	array 3 4 3 runtime error: slice bounds out of range [:4:3]
//	slice 3 4 3 runtime error: slice bounds out of range [4:1:]
//	pointer 3 4 3 runtime error: slice bounds out of range [4:3:]
//	string u 2 runtime error: slice bounds out of range [2:1]
//	array u 5 runtime error: slice bounds out of range [5:3]
//	slice u 5 runtime error: slice bounds out of range [:5] with capacity 3
//	string u 5 runtime error: slice bounds out of range [5:1]
//	slice 3 u 5 runtime error: slice bounds out of range [::5] with capacity 3
//	array 3 u 5 runtime error: slice bounds out of range [:5:3]
//	array u 9223372036854775808 runtime error: slice bounds out of range [9223372036854775808:3]
//	slice u 9223372036854775808 runtime error: slice bounds out of range [:9223372036854775808] with capacity 3
//	string u 9223372036854775808 runtime error: slice bounds out of range [9223372036854775808:1]
//	slice 3 u 9223372036854775808 runtime error: slice bounds out of range [::9223372036854775808] with capacity 3
//	array 3 u 9223372036854775808 runtime error: slice bounds out of range [:9223372036854775808:3]
//	byte runtime error: slice bounds out of range [200:2]
