package simulator

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// Files and screenshots have a host of their own, where no key is needed: a link is
// enough to read them.
const (
	filesHost       = "files.browseract.example"
	filesEndpoint   = "files" // the name for faults and the journal
	screenshotsPath = "/screenshots/"
	fileLife        = 7 * 24 * time.Hour
)

// downloads returns the files of a finished task, in camelCase and milliseconds.
func (t *task) downloads(s state) []byte {
	list, ended := make([][]byte, len(s.output.Files)), t.account.clock.api(s.ended).UnixMilli()
	for i, f := range s.output.Files {
		var status, progress, link, completed, message any = string(f.State), 0, nil, nil, nil
		switch f.State {
		case FileUploading:
			progress = 40
		case FileFailed:
			message = "Upload failed: connection reset by peer."
		default:
			status, progress, link, completed = "uploaded", 100, t.fileURL(i, f), ended
		}
		var o object
		o.set("guid", t.fileID(i))
		o.set("fileName", f.Name)
		o.set("fileSize", f.Bytes)
		o.set("status", status)
		o.set("progress", progress)
		o.set("downloadUrl", link)
		o.set("downloadStartTime", ended)
		o.set("downloadCompletedTime", completed)
		o.set("expiresAt", t.expiry(s))
		o.set("errorMessage", message)
		o.set("createTime", ended)
		list[i] = o.json()
	}
	return array(list)
}

// expiry is when the files of an ended task are deleted, in milliseconds.
func (t *task) expiry(s state) int64 {
	return t.account.clock.api(s.ended.Add(fileLife)).UnixMilli()
}

func (t *task) fileID(i int) string {
	return fmt.Sprintf("%s-%d", traceID(int64(t.number)), i)
}

// fileURL returns a pre-signed URL: it is enough to read the file.
func (t *task) fileURL(i int, f File) string {
	u := url.URL{Scheme: "https", Host: filesHost, Path: "/" + t.fileID(i) + "/" + f.Name}
	u.RawQuery = url.Values{
		"X-Amz-Expires":   {fmt.Sprint(int(fileLife / time.Second))},
		"X-Amz-Signature": {traceID(int64(t.number + i + 1))},
	}.Encode()
	return u.String()
}

// file answers what a link points to.
func (a *Account) file(link *url.URL) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if dir, name := path.Split(link.Path); dir == screenshotsPath {
		return a.screenshot(strings.TrimSuffix(name, ".png"))
	}
	for _, t := range a.tasks {
		if f, ok := t.file(link); ok {
			return answer{contentType: "application/octet-stream", body: filler(f.Bytes)}
		}
	}
	return denied()
}

// file returns the task's file that a link points to, until it is deleted.
func (t *task) file(link *url.URL) (File, bool) {
	s := t.now()
	if s.output == nil || t.account.clock.now().After(s.ended.Add(fileLife)) {
		return File{}, false
	}
	for i, f := range s.output.Files {
		if f.State == FileUploaded && strings.HasSuffix(t.fileURL(i, f), filesHost+link.RequestURI()) {
			return f, true
		}
	}
	return File{}, false
}

// screenshot answers the screenshot of a step that has begun, by its id.
func (a *Account) screenshot(step string) answer {
	cut := max(0, len(step)-2)
	t, ok := a.tasks[step[:cut]]
	n, err := strconv.Atoi(step[cut:])
	if !ok || err != nil || n < 1 || n > t.now().steps {
		return denied()
	}
	return answer{contentType: "image/png", body: page1080(n)}
}

// denied is a file store's answer to a link that is not, or no longer, valid.
func denied() answer {
	return answer{
		status: http.StatusForbidden, contentType: "application/xml",
		body: []byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>`),
	}
}

// filler returns the content of a file: n bytes of text.
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
