package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/browseract/browseract-mcp/tools/picture"
)

// noise is the picture that compresses worst.
func noise(width, height int) image.Image {
	random := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = byte(random.Uint32()) | byte(i&3/3*0xff)
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, nil); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestPicturesAreMadeToFit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		data          []byte
		width, height int // wanted; 0: not checked
	}{
		"small png":  {asPNG(t, image.NewGray(image.Rect(0, 0, 300, 200))), 300, 200},
		"small jpeg": {asJPEG(t, image.NewGray(image.Rect(0, 0, 300, 200))), 300, 200},
		"full hd":    {asPNG(t, image.NewGray(image.Rect(0, 0, 1920, 1080))), 1568, 882},
		"long page":  {asPNG(t, image.NewGray(image.Rect(0, 0, 1280, 12_544))), 160, 1568},
		"a line":     {asPNG(t, image.NewGray(image.Rect(0, 0, 20_000, 1))), 1568, 1},
		"noise":      {asPNG(t, noise(1568, 1568)), 0, 0},
		"webp":       {webpPixel(t), 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := picture.Fit(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.DecodeConfig(bytes.NewReader(got))
			if err != nil || len(got) > picture.MaxBytes || max(img.Width, img.Height) > picture.MaxSide {
				t.Errorf("%d bytes, %d × %d, %v", len(got), img.Width, img.Height, err)
			}
			if tt.width > 0 && (img.Width != tt.width || img.Height != tt.height) {
				t.Errorf("%d × %d, want %d × %d", img.Width, img.Height, tt.width, tt.height)
			}
		})
	}
}

func TestTransparentPixelsBecomeWhite(t *testing.T) {
	t.Parallel()
	got, err := picture.Fit(asPNG(t, image.NewNRGBA(image.Rect(0, 0, 10, 10))))
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if white := color.GrayModel.Convert(img.At(5, 5)).(color.Gray); white.Y < 250 {
		t.Errorf("got %v", white)
	}
}

// TestDecompressionBombIsNotDecoded has pictures whose headers announce more than
// there is memory for: decoding one would be noticed.
func TestDecompressionBombIsNotDecoded(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"png of 100,000²":       pngHead(100_000, 100_000),
		"png of 20,001 by 1000": pngHead(20_001, 1000),
		"jpeg of 65,535²":       jpegHead(t, 65_535, 65_535),
		"webp of 16,383²":       webpHead(16_383, 16_383),
	} {
		if _, err := picture.Fit(data); !errors.Is(err, picture.ErrPixels) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	whole := asPNG(t, noise(20, 20))
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "html": []byte("<html>"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"gif": []byte("GIF89a\x01\x00\x01\x00"), "half a png": whole[:len(whole)/2], "a head only": whole[:16], "half a webp": webpPixel(t)[:20],
	} {
		if got, err := picture.Fit(data); err == nil {
			t.Errorf("%s: got %d bytes", name, len(got))
		}
	}
}

// pngHead is the beginning of a PNG.
func pngHead(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	head = append(binary.BigEndian.AppendUint32(head, height), 8, 0, 0, 0, 0)
	data := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(data, head...), crc32.ChecksumIEEE(head))
}

// jpegHead is a JPEG that claims another size.
func jpegHead(t *testing.T, width, height uint16) []byte {
	t.Helper()
	data := asJPEG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
	at := bytes.Index(data, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(data[at+5:], height)
	binary.BigEndian.PutUint16(data[at+7:], width)
	return data
}

// webpHead is the beginning of a lossy WebP.
func webpHead(width, height uint16) []byte {
	frame := []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a}
	frame = binary.LittleEndian.AppendUint16(frame, width)
	frame = binary.LittleEndian.AppendUint16(frame, height)
	chunk := binary.LittleEndian.AppendUint32([]byte("WEBPVP8 "), uint32(len(frame)))
	chunk = append(chunk, frame...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunk))), chunk...)
}

// webpPixel is a WebP of one pixel.
func webpPixel(t testing.TB) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func FuzzFit(f *testing.F) {
	f.Add(asPNG(f, noise(9, 7)))
	f.Add(asJPEG(f, noise(9, 7)))
	f.Add(webpPixel(f))
	f.Add(webpHead(3, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := picture.Fit(data)
		if err == nil && (len(got) == 0 || len(got) > picture.MaxBytes) {
			t.Errorf("%d bytes", len(got))
		}
	})
}

func BenchmarkFit(b *testing.B) {
	data := asPNG(b, image.NewGray(image.Rect(0, 0, 1920, 1080)))
	for b.Loop() {
		if _, err := picture.Fit(data); err != nil {
			b.Fatal(err)
		}
	}
}
