package sim

import "fmt"

// parcelLabel is a carrier's label, with the bar code that nobody could scan.
func parcelLabel(order, town string) file {
	return picture("label-"+order+".png", 480, 340, white, func(c canvas) {
		c.frame(6, 6, 468, 328, 4, ink)
		c.text(24, 24, 5, "NORDPAKET", blue)
		c.box(24, 70, 432, 3, ink)
		c.text(24, 88, 3, "TO: "+town, ink)
		c.text(24, 118, 3, "ORDER "+order, ink)
		c.text(24, 148, 3, "4 PCS  38.0 KG", ink)
		for i, x := 0, 24; x < 440; i++ {
			w := 2 + (i*7+len(order)*3)%6
			c.box(x, 190, w, 90, ink)
			x += w + 2 + (i*5)%5
		}
		c.box(180, 200, 120, 46, pale) // the smudge
		c.text(24, 296, 3, "FRAGILE - THIS SIDE UP", red)
	})
}

// doorstep is the carrier's proof of delivery: a door that is not the customer's.
func doorstep() file {
	return picture("proof-of-delivery.png", 480, 360, sky, func(c canvas) {
		c.box(0, 0, 480, 280, pale)
		c.box(0, 280, 480, 80, grey)
		c.box(170, 50, 140, 230, green)
		c.frame(170, 50, 140, 230, 6, ink)
		c.disc(290, 172, 6, amber)
		c.box(205, 84, 70, 40, white)
		c.text(221, 94, 3, "14A", ink)
		c.box(320, 210, 110, 80, card)
		c.box(320, 244, 110, 8, shade)
		c.text(16, 336, 2, "14:07:32  LEFT AT DOOR", white)
	})
}

// crushedBox is a parcel with a dent and a burst corner.
func crushedBox() file {
	return picture("box.png", 480, 340, pale, func(c canvas) {
		c.box(80, 90, 320, 200, card)
		c.box(80, 90, 320, 40, shade)
		c.box(226, 90, 28, 200, wood)
		for i := range 60 {
			c.line(400-i, 130, 400-i*2, 130+i*2, 2, wood)
		}
		c.line(330, 160, 380, 240, 4, ink)
		c.line(350, 150, 310, 260, 3, ink)
		c.text(100, 250, 3, "THIS SIDE UP", ink)
	})
}

// brokenPot is a casserole with a crack, beside a coin for scale.
func brokenPot() file {
	return picture("casserole.png", 480, 340, pale, func(c canvas) {
		c.box(0, 250, 480, 90, wood)
		c.disc(240, 210, 90, blue)
		c.box(120, 110, 240, 60, pale)
		c.box(140, 160, 200, 18, grey)
		c.box(105, 185, 40, 14, blue)
		c.box(335, 185, 40, 14, blue)
		for i, x := range []int{230, 246, 238, 258, 250} {
			c.line(x, 178+i*22, x+10, 200+i*22, 4, ink)
		}
		c.disc(410, 270, 16, amber)
	})
}

// errorDialog is a screenshot.
func errorDialog(code, says string) file {
	return picture("screen-"+code+".png", 560, 320, grey, func(c canvas) {
		c.box(30, 24, 500, 270, white)
		c.box(30, 24, 500, 30, blue)
		c.text(44, 32, 2, "MY ACCOUNT", white)
		c.box(110, 100, 340, 140, pale)
		c.frame(110, 100, 340, 140, 2, red)
		c.text(130, 120, 3, "ERROR "+code, red)
		c.text(120, 160, 2, says, ink)
		c.box(350, 196, 80, 28, blue)
		c.text(378, 203, 2, "OK", white)
	})
}

// failureChart shows card payments that failed, an hour a bar.
func failureChart(from, to string, values []int) file {
	return picture("failures-"+from+"-"+to+".png", 560, 300, white, func(c canvas) {
		c.text(24, 16, 3, "FAILED PAYMENTS PER HOUR", ink)
		c.box(40, 250, 500, 2, ink)
		c.box(40, 50, 2, 200, ink)
		w := 480 / len(values)
		for i, v := range values {
			paint := uint8(blue)
			if v > 120 {
				paint = red
			}
			c.box(52+i*w, 250-v, w-6, v, paint)
		}
		c.text(40, 266, 2, from, ink)
		c.text(480, 266, 2, to, ink)
	})
}

// roomPhoto is one of the pictures of a water damage; no two are the same.
func roomPhoto(n int, room string) file {
	return picture(fmt.Sprintf("IMG_%04d.png", 2040+n), 480, 320, pale, func(c canvas) {
		c.box(0, 220, 480, 100, wood)
		for x := 0; x < 480; x += 60 {
			c.box(x+n*7%60, 220, 3, 100, shade)
		}
		window := 40 + n*53%260
		c.box(window, 50, 110, 90, sky)
		c.frame(window, 50, 110, 90, 5, white)
		stain := 60 + n*97%340
		for i := range 5 {
			c.disc(stain+i*13%40, 210-i*n%40, 18+n*i%22, shade)
		}
		c.disc(stain, 250, 30+n%25, sky)
		if n%3 == 0 {
			c.box(300, 170, 120, 70, blue)
			c.box(300, 140, 20, 100, blue)
		}
		c.box(0, 296, 480, 24, ink)
		c.text(10, 301, 2, fmt.Sprintf("%02d  %s", n, room), white)
	})
}

// banner heads the newsletter; offer is one of its two pictures.
func banner() file {
	return picture("autumn-banner.png", 600, 160, amber, func(c canvas) {
		c.box(0, 110, 600, 50, red)
		for x := 30; x < 600; x += 90 {
			c.disc(x, 104, 26, green)
			c.box(x-3, 110, 6, 34, wood)
		}
		c.text(48, 30, 6, "AUTUMN AT HOME", white)
	})
}

func offer(name, price string, paint uint8) file {
	return picture("offer-"+price+".png", 260, 180, pale, func(c canvas) {
		c.box(50, 30, 160, 100, paint)
		c.frame(50, 30, 160, 100, 4, ink)
		c.text(76, 70, 2, name, white)
		c.disc(212, 136, 38, red)
		c.text(182, 129, 2, price, white)
	})
}

// tent is Acme Outdoor's, with one pole too short.
func tent() file {
	return picture("tent-pole.png", 480, 320, sky, func(c canvas) {
		c.box(0, 230, 480, 90, green)
		for i := range 150 {
			c.box(240-i, 80+i, 2*i, 1, amber)
		}
		c.line(240, 80, 90, 230, 6, ink)
		c.line(240, 80, 360, 200, 6, ink)
		c.line(360, 200, 420, 250, 3, red)
		c.text(370, 170, 3, "6 CM", red)
	})
}

// bench has one leg that ends above the ground.
func bench() file {
	return picture("bench.png", 480, 300, sky, func(c canvas) {
		c.box(0, 230, 480, 70, green)
		for i := range 3 {
			c.box(90, 60+i*26, 300, 16, wood)
		}
		c.box(80, 150, 320, 20, wood)
		for _, x := range []int{95, 190, 275, 370} {
			c.box(x, 60, 14, 190, shade)
		}
		c.box(370, 240, 14, 10, green)
		c.text(396, 236, 2, "6 MM", red)
	})
}

func logo() file {
	return picture("logo.png", 120, 40, white, func(c canvas) {
		c.box(0, 0, 40, 40, blue)
		c.text(10, 10, 3, "A", white)
		c.text(50, 10, 3, "ACME", blue)
	})
}
