package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

const (
	apiTime          = 50 * time.Millisecond
	callers          = 64
	throughputRounds = 5
	throughputTime   = 900 * time.Millisecond // a round
)

// throughput measures how many calls a second many callers get through the
// server, and how many straight from an API that takes 50 ms.
func throughput(ctx context.Context, p programs) ([]row, error) {
	api := drive.NewAPI(apiTime)
	defer api.Close()
	stdio := transports()[0]
	ours, err := stdio.start(ctx, p.ours, stdio.ours, p.env(api))
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	defer client.CloseIdleConnections()
	both, err := versus(throughputRounds,
		func() (float64, error) { return rate(ctx, func() error { return ours.list(ctx, 1) }) },
		func() (float64, error) { return rate(ctx, func() error { return straight(ctx, client, api) }) })
	if err != nil {
		return nil, err
	}
	r := both.row("calls a second, 64 callers, API of 50 ms, stdio", "/s")
	r.limit, r.isMin = 0.9, true
	return []row{r}, nil
}

// rate returns how many calls a second all callers together make.
func rate(ctx context.Context, call func() error) (float64, error) {
	var made atomic.Int64
	var running sync.WaitGroup
	failed := make(chan error, callers)
	began := time.Now()
	for range callers {
		running.Go(func() {
			for ctx.Err() == nil && time.Since(began) < throughputTime {
				if err := call(); err != nil {
					failed <- err
					return
				}
				made.Add(1)
			}
		})
	}
	running.Wait()
	took := time.Since(began)
	close(failed)
	return float64(made.Load()) / took.Seconds(), <-failed
}

// straight asks the API as the server does.
func straight(ctx context.Context, client *http.Client, api *drive.API) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, api.URL+"/v2/workflow/list-tasks?page=1&limit=1", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+drive.Key)
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
