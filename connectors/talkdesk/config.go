package talkdesk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// config is the link's settings, read.
type config struct {
	account, apiHost, tokenHost              string
	webHosts                                 []string
	listPath, itemPath, mediaPath, filePath  string
	redacted                                 string
	channel1Left                             bool
	durationUnit                             time.Duration
	storageHosts                             []string
	prefix, callsType, legsType, digitalType string
	jobIDs                                   [][]string
	maxReport, reportTimeout, reportPoll     time.Duration
	deleteReports                            bool
	fields                                   map[string]map[string]string // report → its name → ours
	transcriptPath, startParam, endParam     string
	cursorParam, timeLayout                  string
	maxWindow, transcriptTimeout             time.Duration
	maxPages                                 int
	followNext                               bool
	cdsPath                                  string // empty: the Conversations API is read
	perSecond, inFlight                      int
}

// readConfig takes the filled settings and reports every mistake at once.
func readConfig(v map[string]string) (config, error) {
	var bad []error
	wrong := func(name string, err error) {
		if err != nil {
			bad = append(bad, fmt.Errorf("setting %s: %q is not usable", name, v[name]))
		}
	}
	span := func(name string) time.Duration {
		d, err := time.ParseDuration(v[name])
		if err == nil && d <= 0 {
			err = errors.New("nothing")
		}
		wrong(name, err)
		return d
	}
	number := func(name string) int {
		n, err := strconv.Atoi(v[name])
		if err == nil && n < 1 {
			err = errors.New("none")
		}
		wrong(name, err)
		return n
	}
	c := config{
		account: v["account"], apiHost: v["api_host"], tokenHost: v["token_host"], webHosts: list(v["web_hosts"]),
		listPath: v["recording_list_path"], itemPath: v["recording_item_path"], mediaPath: v["recording_media_path"], filePath: v["attachment_path"],
		redacted: v["recording_redacted"], channel1Left: v["recording_channel1_side"] != "right", durationUnit: time.Second,
		storageHosts: list(v["recording_storage_hosts"]),
		prefix:       v["report_prefix"], callsType: v["report_calls_type"], legsType: v["report_legs_type"], digitalType: v["report_digital_type"],
		maxReport: time.Duration(number("report_max_days")) * 24 * time.Hour, reportTimeout: span("report_timeout"), reportPoll: span("report_poll"),
		deleteReports: v["report_delete_after_read"] != "false", fields: fieldMap(v["report_field_map"]),
		transcriptPath: v["transcript_path"], startParam: v["transcript_start_param"], endParam: v["transcript_end_param"], cursorParam: v["transcript_cursor_param"],
		timeLayout: v["transcript_time_layout"], maxWindow: span("transcript_max_window"), transcriptTimeout: span("transcript_timeout"), maxPages: number("transcript_max_pages"),
		followNext: v["transcript_follow_next"] == "true", perSecond: number("limit_rps"), inFlight: number("limit_in_flight"),
	}
	if v["recording_duration_unit"] == "ms" {
		c.durationUnit = time.Millisecond
	}
	for _, path := range list(v["report_job_id_paths"]) {
		c.jobIDs = append(c.jobIDs, strings.Split(path, "."))
	}
	if v["digital_read_mode"] == "cds" {
		if c.cdsPath = v["cds_path"]; c.cdsPath == "" {
			bad = append(bad, errors.New("setting cds_path: with digital_read_mode cds a path is needed, for example /cds/messages"))
		}
	}
	return c, errors.Join(bad...)
}

func list(s string) []string {
	var all []string
	for one := range strings.SplitSeq(s, ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// fieldMap reads "contacts.interaction_id=Interaction ID, …".
func fieldMap(s string) map[string]map[string]string {
	m := map[string]map[string]string{}
	for _, one := range list(s) {
		ours, theirs, _ := strings.Cut(one, "=")
		report, field, _ := strings.Cut(ours, ".")
		if m[report] == nil {
			m[report] = map[string]string{}
		}
		m[report][strings.TrimSpace(theirs)] = field
	}
	return m
}

// field gives our name of a report's field; empty where the setting says that ours is another one.
func (c *config) field(report string, key []byte) string {
	names := c.fields[report]
	if ours, ok := names[string(key)]; ok {
		return ours
	}
	for _, ours := range names {
		if ours == string(key) {
			return ""
		}
	}
	return string(key)
}
