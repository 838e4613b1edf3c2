// Package picture makes pictures from anywhere fit for a model: not larger than it
// looks at, and free of whatever else their files held.
//
// Begin with [Fit]. A picture may be hostile: a few bytes can stand for a plane of
// gigabytes. Its size is read, and held against a limit, before it is unpacked.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

const (
	// MaxSide is the longest side of what Fit returns, in pixels.
	MaxSide = 1568
	// MaxBytes is the most that Fit returns.
	MaxBytes = 400_000
	// MaxPixels is the largest picture that is unpacked: a page of 1,280 pixels'
	// width and 15,600 pixels' height.
	MaxPixels = 20_000_000
)

// What a picture can be refused for.
var (
	ErrFormat = errors.New("this is no PNG, JPEG or WebP")
	ErrPixels = errors.New("the picture has too many pixels")
)

// Fit returns a picture, PNG, JPEG or WebP, as a JPEG that is at most [MaxSide]
// pixels long and [MaxBytes] large. A small picture keeps its size.
func Fit(data []byte) ([]byte, error) {
	source, err := unpack(data)
	if err != nil {
		return nil, err
	}
	picture := shrink(source)
	for {
		for quality := 85; quality >= 40; quality -= 15 {
			packed, err := pack(picture, quality)
			if err != nil || len(packed) <= MaxBytes {
				return packed, err
			}
		}
		half := picture.Bounds().Size().Div(2)
		picture = scaled(picture, half)
	}
}

// A format is one way to keep a picture.
type format struct {
	size func(io.Reader) (image.Config, error)
	read func(io.Reader) (image.Image, error)
}

// formatOf goes by how the data begins, and not by what anybody says of it.
func formatOf(data []byte) (format, error) {
	switch http.DetectContentType(data) {
	case "image/png":
		return format{png.DecodeConfig, png.Decode}, nil
	case "image/jpeg":
		return format{jpeg.DecodeConfig, jpeg.Decode}, nil
	case "image/webp":
		return format{webp.DecodeConfig, webp.Decode}, nil
	}
	return format{}, ErrFormat
}

func unpack(data []byte) (image.Image, error) {
	f, err := formatOf(data)
	if err != nil {
		return nil, err
	}
	config, err := f.size(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read the size of the picture: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > MaxPixels/config.Height {
		return nil, ErrPixels
	}
	unpacked, err := f.read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack the picture: %w", err)
	}
	return unpacked, nil
}

// shrink makes a picture at most MaxSide long. It halves first: each pixel is then
// the mean of four, and fine lines do not fall between two.
func shrink(picture image.Image) image.Image {
	size := picture.Bounds().Size()
	for max(size.X, size.Y) > 2*MaxSide {
		size = size.Div(2)
		picture = scaled(picture, size)
	}
	if long := max(size.X, size.Y); long > MaxSide {
		size = image.Pt(size.X*MaxSide/long, size.Y*MaxSide/long)
	}
	return scaled(picture, size)
}

// scaled draws a picture at another size, on white where it can be seen through.
func scaled(picture image.Image, size image.Point) image.Image {
	canvas := image.NewRGBA(image.Rect(0, 0, max(1, size.X), max(1, size.Y)))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(canvas, canvas.Bounds(), picture, picture.Bounds(), draw.Over, nil)
	return canvas
}

func pack(picture image.Image, quality int) ([]byte, error) {
	var buf bytes.Buffer
	err := jpeg.Encode(&buf, picture, &jpeg.Options{Quality: quality})
	return buf.Bytes(), err
}
