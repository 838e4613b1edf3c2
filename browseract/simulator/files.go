package simulator

import (
	"fmt"
	"net/url"
	"time"
)

// download is a file of a task, in camelCase and milliseconds.
type download struct {
	GUID          string  `json:"guid"`
	FileName      string  `json:"fileName"`
	FileSize      int64   `json:"fileSize"`
	Status        string  `json:"status"`
	Progress      int     `json:"progress"`
	DownloadURL   *string `json:"downloadUrl"`
	StartTime     int64   `json:"downloadStartTime"`
	CompletedTime *int64  `json:"downloadCompletedTime"`
	ExpiresAt     int64   `json:"expiresAt"`
	ErrorMessage  *string `json:"errorMessage"`
	CreateTime    int64   `json:"createTime"`
}

// downloads are the files of a finished task.
func (t *task) downloads(s state) []download {
	list := make([]download, len(s.output.Files))
	for i, f := range s.output.Files {
		list[i] = t.download(s, i, f)
	}
	return list
}

func (t *task) download(s state, i int, f File) download {
	ended := t.account.apiTime(s.ended).UnixMilli()
	d := download{
		GUID: t.fileID(i), FileName: f.Name, FileSize: f.Bytes, Status: string(f.State),
		StartTime: ended, ExpiresAt: t.expiry(s), CreateTime: ended,
	}
	switch f.State {
	case FileUploading:
		d.Progress = 40
	case FileFailed:
		message := "Upload failed: connection reset by peer."
		d.ErrorMessage = &message
	default:
		u := t.fileURL(i, f)
		d.Status, d.Progress, d.DownloadURL, d.CompletedTime = "uploaded", 100, &u, &ended
	}
	return d
}

// expiry is when the files of an ended task are deleted, in milliseconds.
func (t *task) expiry(s state) int64 {
	return t.account.apiTime(s.ended.Add(fileLife)).UnixMilli()
}

func (t *task) fileID(i int) string {
	return fmt.Sprintf("%s-%d", traceID(t.number), i)
}

// fileURL is pre-signed: whoever has it can read the file.
func (t *task) fileURL(i int, f File) string {
	u := url.URL{Scheme: "https", Host: filesHost, Path: "/" + t.fileID(i) + "/" + f.Name}
	u.RawQuery = url.Values{
		"X-Amz-Expires":   {fmt.Sprint(int(fileLife / time.Second))},
		"X-Amz-Signature": {traceID(t.number + i + 1)},
	}.Encode()
	return u.String()
}
