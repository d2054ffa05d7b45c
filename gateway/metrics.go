package gateway

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

// metrics are counts and times. Labels are closed sets (route patterns, provider names, codes): no
// id of anything, no address, no content.
type metrics struct {
	reg          *prometheus.Registry
	requests     *prometheus.CounterVec
	seconds      *prometheus.HistogramVec
	streams      prometheus.Gauge
	opens        *prometheus.CounterVec
	firstMessage *prometheus.HistogramVec
	mediaBytes   *prometheus.CounterVec
	mediaSkipped *prometheus.CounterVec
	mediaResumes *prometheus.CounterVec
	mediaAborts  *prometheus.CounterVec
	upstream     *prometheus.CounterVec
	upstreamTime *prometheus.HistogramVec
	audit        prometheus.Histogram
	auditFailed  prometheus.Counter

	// known are the metrics of requests that have been: to find one by its labels costs more than to
	// count it. There are no more than routes, methods and statuses.
	known sync.Map // requestLabels → requestMetrics
}

type requestLabels struct {
	method, route string
	status        int
}

type requestMetrics struct {
	count   prometheus.Counter
	seconds prometheus.Observer
}

func newMetrics(version string) *metrics {
	m := &metrics{
		reg:          prometheus.NewRegistry(),
		requests:     counter("requests_total", "Requests by route pattern and status.", "method", "route", "status"),
		seconds:      histogram("request_seconds", "Time until a request was done.", prometheus.DefBuckets, "route"),
		streams:      prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "sightglass", Name: "streams_open", Help: "Streams of parts and of media that run now."}),
		opens:        counter("opens_total", "Interactions opened, by outcome (complete, problem, left, revoked) and code.", "provider", "outcome", "code"),
		firstMessage: histogram("first_message_seconds", "Time from the request to its first message on the wire.", []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, "provider"),
		mediaBytes:   counter("media_bytes_total", "Bytes of recordings and attachments sent to readers.", "provider"),
		mediaSkipped: counter("media_skipped_bytes_total", "Bytes read and dropped to make a part where the provider ignores Range.", "provider"),
		mediaResumes: counter("media_resumes_total", "Bodies of media that broke, by what became of them: joined, no_validator, other_version, failed.", "provider", "result"),
		mediaAborts:  counter("media_aborts_total", "Answers of media that were cut off after they had begun, by code; not those that the reader left.", "provider", "code"),
		upstream:     counter("provider_requests_total", "Requests to providers, by result.", "provider", "result"),
		upstreamTime: histogram("provider_request_seconds", "Time to a provider's response header.", prometheus.DefBuckets, "provider"),
		audit: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "sightglass", Name: "audit_commit_seconds", Help: "Time to commit audit rows.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .025, .05, .1, .5, 1, 5}}),
		auditFailed: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "sightglass", Name: "audit_failures_total", Help: "Audit rows that could not be written."}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "sightglass", Name: "build_info", Help: "1, with the version."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m.reg.MustRegister(m.requests, m.seconds, m.streams, m.opens, m.firstMessage, m.mediaBytes, m.mediaSkipped, m.mediaResumes, m.mediaAborts, m.upstream, m.upstreamTime, m.audit, m.auditFailed,
		build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "sightglass", Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "sightglass", Name: name, Help: help, Buckets: buckets}, labels)
}

// watchCache asks the cache whenever the metrics are asked for.
func (m *metrics) watchCache(c cache.Store) {
	m.reg.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Namespace: "sightglass", Name: "cache_up", Help: "1 while the cache answers; without it opening goes on, slower."},
		func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			if c.Ping(ctx) != nil {
				return 0
			}
			return 1
		}))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{})
}

func (m *metrics) request(method, route string, status int, took time.Duration) {
	l := requestLabels{methodName(method), route, status}
	k, ok := m.known.Load(l)
	if !ok {
		k, _ = m.known.LoadOrStore(l, requestMetrics{m.requests.WithLabelValues(l.method, route, strconv.Itoa(status)), m.seconds.WithLabelValues(route)})
	}
	r := k.(requestMetrics)
	r.count.Inc()
	r.seconds.Observe(took.Seconds())
}

func (m *metrics) opened(provider, outcome string, code connectors.Code) {
	m.opens.WithLabelValues(provider, outcome, string(code)).Inc()
}

func (m *metrics) auditCommit(took time.Duration, err error) {
	m.audit.Observe(took.Seconds())
	if err != nil {
		m.auditFailed.Inc()
	}
}

// provider gives the observer of one provider's requests.
func (m *metrics) provider(name string) func(upstream.Observation) {
	results, seconds := m.upstream.MustCurryWith(prometheus.Labels{"provider": name}), m.upstreamTime.WithLabelValues(name)
	return func(o upstream.Observation) {
		result := o.Class
		if o.Outcome != "" {
			result = string(o.Outcome)
		}
		results.WithLabelValues(result).Inc()
		seconds.Observe(o.Duration.Seconds())
	}
}
