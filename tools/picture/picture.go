// Package picture makes untrusted pictures fit for a model: no larger than it looks
// at, and without metadata. Begin with [Fit].
//
// A few bytes can expand to a picture of gigabytes, so its size is read and checked
// before it is decoded. The package knows bytes only, not where they come from.
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
	// MaxBytes is the size limit of what Fit returns.
	MaxBytes = 400_000
	// MaxPixels is the largest picture that is decoded: a page of 1,280 pixels' width
	// and 15,600 pixels' height.
	MaxPixels = 20_000_000
)

// The errors of a picture that is refused.
var (
	ErrFormat = errors.New("this is not a PNG, JPEG or WebP picture")
	ErrPixels = errors.New("the picture has too many pixels")
)

// Fit returns a PNG, JPEG or WebP picture as a JPEG of at most [MaxSide] pixels and
// [MaxBytes] bytes. A small picture keeps its size.
func Fit(data []byte) ([]byte, error) {
	source, err := decode(data)
	if err != nil {
		return nil, err
	}
	picture := shrink(source)
	for {
		for quality := 85; quality >= 40; quality -= 15 {
			encoded, err := encode(picture, quality)
			if err != nil || len(encoded) <= MaxBytes {
				return encoded, err
			}
		}
		picture = scaled(picture, picture.Bounds().Size().Div(2))
	}
}

// A format reads one kind of picture.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formatOf goes by how the data begins, not by a name or a header.
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

func decode(data []byte) (image.Image, error) {
	f, err := formatOf(data)
	if err != nil {
		return nil, err
	}
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read the size of the picture: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > MaxPixels/config.Height {
		return nil, ErrPixels
	}
	picture, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode the picture: %w", err)
	}
	return picture, nil
}

// shrink limits a picture to MaxSide. It halves first: each pixel is then the mean of
// four, so fine lines stay.
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

// scaled draws a picture at another size, on white where it is transparent.
func scaled(picture image.Image, size image.Point) image.Image {
	canvas := image.NewRGBA(image.Rect(0, 0, max(1, size.X), max(1, size.Y)))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(canvas, canvas.Bounds(), picture, picture.Bounds(), draw.Over, nil)
	return canvas
}

func encode(picture image.Image, quality int) ([]byte, error) {
	var buf bytes.Buffer
	err := jpeg.Encode(&buf, picture, &jpeg.Options{Quality: quality})
	return buf.Bytes(), err
}
