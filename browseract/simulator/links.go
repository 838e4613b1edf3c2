package simulator

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Files and screenshots are at a host of their own, where no key is asked for:
// whoever has the link may read.
const (
	filesHost       = "files.browseract.example"
	filesEndpoint   = "files" // by which faults and the journal know it
	screenshotsPath = "/screenshots/"
)

// file answers what a link points to.
func (a *Account) file(link *url.URL) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if dir, name := path.Split(link.Path); dir == screenshotsPath {
		return a.screenshot(strings.TrimSuffix(name, ".png"))
	}
	for _, t := range a.tasks {
		if ans, ok := t.file(link); ok {
			return ans
		}
	}
	return denied()
}

// file answers for a link to one of the task's files, until they are deleted.
func (t *task) file(link *url.URL) (answer, bool) {
	now := t.account.now()
	s := t.at(now)
	if s.output == nil || now.After(s.ended.Add(fileLife)) {
		return answer{}, false
	}
	for i, f := range s.output.Files {
		if f.State == FileUploaded && strings.HasSuffix(t.fileURL(i, f), filesHost+link.RequestURI()) {
			return answer{status: http.StatusOK, contentType: "application/octet-stream", body: filler(f.Bytes)}, true
		}
	}
	return answer{}, false
}

// screenshot answers for a step that has begun, by its id.
func (a *Account) screenshot(step string) answer {
	cut := max(0, len(step)-2)
	t, ok := a.tasks[step[:cut]]
	n, err := strconv.Atoi(step[cut:])
	if !ok || err != nil || n < 1 || n > t.at(a.now()).steps {
		return denied()
	}
	return answer{status: http.StatusOK, contentType: "image/png", body: page1080(n)}
}

// denied is what a store of files answers for a link that is not, or no longer, good.
func denied() answer {
	return answer{
		status: http.StatusForbidden, contentType: "application/xml",
		body: []byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>`),
	}
}

// filler is the content of a file: n bytes of text.
func filler(n int64) []byte {
	const line = "The simulator wrote this line.\n"
	return bytes.Repeat([]byte(line), int(n)/len(line)+1)[:n]
}

// page1080 is a picture of a page with a headline and a bar for each step so far.
func page1080(steps int) []byte {
	page := image.NewPaletted(image.Rect(0, 0, 1920, 1080), color.Palette{color.White, color.RGBA{R: 0x20, G: 0x50, B: 0xa0, A: 0xff}})
	fill := func(r image.Rectangle) {
		draw.Draw(page, r, image.NewUniform(page.Palette[1]), image.Point{}, draw.Src)
	}
	fill(image.Rect(0, 0, 1920, 90))
	for i := range steps {
		fill(image.Rect(120, 180+120*i, 1200, 240+120*i))
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, page); err != nil {
		panic("simulator: encode a screenshot: " + err.Error())
	}
	return buf.Bytes()
}
