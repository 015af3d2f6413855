//go:build ignore

package main

import "fmt"

func main() {
	for i := 0; i < 4; i++ {
		p, q := i&1 == 0, i&2 == 0
		fmt.Print(i, ": ")
		switch {
		case p:
			fmt.Print("1 ")
		case false:
			fmt.Print("2 ")
		}
		switch {
		case p:
			fmt.Print("3 ")
		case true:
			fmt.Print("4 ")
		}
		switch {
		case false:
			fmt.Print("5 ")
		case p:
			fmt.Print("6 ")
		}
		switch {
		case false:
			fmt.Print("7 ")
		case true:
			fmt.Print("8 ")
		}
		switch {
		case false:
			fmt.Print("7 ")
		default:
			fmt.Print("8 ")
		}
		switch {
		case true:
			fmt.Print("9 ")
		default:
			fmt.Print("10 ")
		}
		switch {
		case p && q:
			fmt.Print("11 ")
		case false:
			fmt.Print("12 ")
		case q:
			fmt.Print("13 ")
		default:
			fmt.Print("14 ")
		}
		if p {
			fmt.Print("15 ")
		} else if false {
			fmt.Print("16 ")
		}
		if p {
			fmt.Print("17 ")
		} else if true {
			fmt.Print("18 ")
		}
		if false {
			fmt.Print("19 ")
		} else if p {
			fmt.Print("20 ")
		} else {
			fmt.Print("21 ")
		}
		if true {
			fmt.Print("22 ")
		} else if p {
			fmt.Print("23 ")
		} else {
			fmt.Print("24 ")
		}
		for true {
			fmt.Print("25 ")
			break
		}
		for false {
			fmt.Print("26 ")
			break
		}
		for j := 0; true; j++ {
			if j > 2 {
				break
			}
		}
		for j := 0; false; j++ {
			fmt.Print("27 ")
		}
		fmt.Println()
	}
}

// Output:
//	0: 1 3 6 8 8 9 11 15 17 20 22 25
//	1: 4 8 8 9 13 18 21 22 25
//	2: 1 3 6 8 8 9 14 15 17 20 22 25
//	3: 4 8 8 9 14 18 21 22 25
