package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// parse reads a DSN. Its errors never repeat it: it may hold a password.
func parse(dsn string) (*redis.UniversalOptions, error) {
	scheme, rest, _ := strings.Cut(dsn, "://")
	var o *redis.UniversalOptions
	var err error
	switch scheme {
	case "redis", "rediss":
		o, err = parseSingle(dsn)
	case "redis+sentinel":
		o, err = parseSentinel("redis", rest)
	case "rediss+sentinel":
		o, err = parseSentinel("rediss", rest)
	default:
		return nil, fmt.Errorf("kind %q: want redis://, rediss://, redis+sentinel:// or rediss+sentinel://", scheme)
	}
	if err != nil {
		return nil, withoutURL(err)
	}
	bound(o)
	return o, nil
}

func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("not a URL: %w", u.Err)
	}
	return err
}

func parseSingle(dsn string) (*redis.UniversalOptions, error) {
	p, err := redis.ParseURL(dsn)
	if err != nil {
		return nil, err
	}
	return &redis.UniversalOptions{
		Addrs: []string{p.Addr}, Username: p.Username, Password: p.Password, DB: p.DB, TLSConfig: p.TLSConfig,
		DialTimeout: p.DialTimeout, ReadTimeout: p.ReadTimeout, PoolSize: p.PoolSize,
	}, nil
}

// parseSentinel reads "[user:password@]host:port[,host:port…]/name[/db][?…]". User and password are
// for Redis and its sentinels alike, and so is TLS.
func parseSentinel(scheme, rest string) (*redis.UniversalOptions, error) {
	rest, query, _ := strings.Cut(rest, "?")
	user, rest := cutLast(rest, "@")
	hosts, path, _ := strings.Cut(rest, "/")
	master, db, _ := strings.Cut(path, "/")
	addrs := strings.Split(hosts, ",")
	if master == "" || hosts == "" {
		return nil, errors.New("want redis+sentinel://host:port,host:port/name")
	}
	if user != "" {
		user += "@"
	}
	p, err := redis.ParseFailoverURL(scheme + "://" + user + addrs[0] + "/" + db + "?" + query)
	if err != nil {
		return nil, err
	}
	return &redis.UniversalOptions{
		Addrs: append(p.SentinelAddrs, addrs[1:]...), MasterName: master, DB: p.DB,
		Username: p.SentinelUsername, Password: p.SentinelPassword,
		SentinelUsername: p.SentinelUsername, SentinelPassword: p.SentinelPassword,
		DialTimeout: p.DialTimeout, ReadTimeout: p.ReadTimeout, PoolSize: p.PoolSize, TLSConfig: withoutName(p.TLSConfig),
	}, nil
}

// withoutName leaves the name that a certificate is checked for to each connection: sentinels and the
// servers that they name are several hosts.
func withoutName(c *tls.Config) *tls.Config {
	if c != nil {
		c.ServerName = ""
	}
	return c
}

func cutLast(s, sep string) (before, after string) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):]
	}
	return "", s
}

// bound sets what must hold whatever the DSN says: short waits, and no command that Redis 7.0 does
// not have.
func bound(o *redis.UniversalOptions) {
	if o.ReadTimeout <= 0 {
		o.ReadTimeout = opWait
	}
	if o.DialTimeout <= 0 {
		o.DialTimeout = dialWait
	}
	o.WriteTimeout, o.PoolTimeout = o.ReadTimeout, o.ReadTimeout
	o.ContextTimeoutEnabled = true
	o.DialerRetries = 1
	o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff = 2, time.Millisecond, 5*time.Millisecond
	o.MinIdleConns = 1 // dialled in the background: a slow handshake is not an operation's
	o.Protocol = 2
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}
