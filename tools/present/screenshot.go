package present

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/picture"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

const (
	maxScreenshot = 10 << 20 // bytes, as it is fetched
	// maxPictureTime is how long fetching a picture may take.
	maxPictureTime = 8 * time.Second
	// afterPicture is what a call keeps of its time for the answer itself.
	afterPicture = 300 * time.Millisecond
)

// addScreenshot adds the picture of the step that decided how the run stands. An
// answer without it is still the answer: what goes wrong is a warning.
func (p *Presenter) addScreenshot(ctx context.Context, s *runs.Snapshot, r *schemas.Task) {
	shot, why := p.screenshot(ctx, s)
	if why != "" {
		r.Warnings = append(r.Warnings, "There is no screenshot here. "+why+". The log page may show it.")
	}
	r.Screenshot = shot
}

// screenshot returns the picture, or why there is none: a sentence without its full stop.
func (p *Presenter) screenshot(ctx context.Context, s *runs.Snapshot) (shot []byte, why string) {
	step, _ := decisiveStep(s)
	switch {
	case p.Lockdown:
		return nil, "It is " + withheld
	case step.ScreenshotURL == "":
		return nil, "BrowserAct shows none for this step"
	}
	data, err := p.fetchPicture(ctx, step.ScreenshotURL)
	if err != nil {
		_, why = problem.Fetch(err)
		return nil, why
	}
	shot, err = p.fit(ctx, data)
	switch {
	case errors.Is(err, picture.ErrPixels):
		why = "It has more pixels than this server unpacks"
	case err != nil:
		why = "It is not a picture that this server can read"
	}
	return shot, why
}

// fetchPicture takes no longer than the call has left.
func (p *Presenter) fetchPicture(ctx context.Context, link string) ([]byte, error) {
	until := time.Now().Add(maxPictureTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-afterPicture).Before(until) {
		until = deadline.Add(-afterPicture)
	}
	ctx, over := context.WithDeadline(ctx, until)
	defer over()
	ctx, cancel := p.Calls.UntilClosing(ctx)
	defer cancel()
	body, err := p.Files.Open(ctx, link, maxScreenshot)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// fit lets one picture at a time take its memory.
func (p *Presenter) fit(ctx context.Context, data []byte) ([]byte, error) {
	select {
	case p.drawing <- struct{}{}:
		defer func() { <-p.drawing }()
		return picture.Fit(data)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
