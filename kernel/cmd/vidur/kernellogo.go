package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// logoSize is the side of the logo, in pixels.
const logoSize = 64

// logo is the mark of the kernel: batches of requests on three replicas, as time
// goes on.
var logo = []struct {
	x, y, w, h int
	color.RGBA
}{
	{0, 0, 64, 64, color.RGBA{0x12, 0x2b, 0x3c, 0xff}},
	{8, 12, 22, 10, color.RGBA{0x00, 0xad, 0xd8, 0xff}},
	{32, 12, 14, 10, color.RGBA{0x5d, 0xc9, 0xe2, 0xff}},
	{8, 27, 10, 10, color.RGBA{0xf2, 0xb1, 0x34, 0xff}},
	{20, 27, 36, 10, color.RGBA{0x00, 0xad, 0xd8, 0xff}},
	{8, 42, 30, 10, color.RGBA{0x5d, 0xc9, 0xe2, 0xff}},
	{40, 42, 12, 10, color.RGBA{0xf2, 0xb1, 0x34, 0xff}},
}

func logoSVG() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">\n", logoSize, logoSize)
	for _, r := range logo {
		fmt.Fprintf(&b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%02x%02x%02x\"/>\n", r.x, r.y, r.w, r.h, r.R, r.G, r.B)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func logoPNG() ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, logoSize, logoSize))
	for _, r := range logo {
		draw.Draw(m, image.Rect(r.x, r.y, r.x+r.w, r.y+r.h), image.NewUniform(r.RGBA), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}
