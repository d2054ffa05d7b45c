import { afterEach, expect, test } from "vitest";
import { nextSpeed, remember, remembered, usual } from "./settings";

afterEach(() => localStorage.clear());

test("what one person set is there for that person only, as numbers", () => {
  remember("u1", { speed: 1.5, skipSilence: true, volumes: { ...usual.volumes, customer: 0.4 } });
  expect(remembered("u1")).toEqual({ speed: 1.5, skipSilence: true, volumes: { ...usual.volumes, customer: 0.4 } });
  expect(remembered("u2")).toEqual(usual);
  expect(Object.values({ ...localStorage })).toEqual([expect.stringMatching(/^[\d. ]+$/)]);
});

test.each(["", "NaN", "99 1", "-1 0 -3 7 x", "{}", "1.1"])("%j in the browser does no harm", (stored) => {
  localStorage.setItem("sightglass-player:u1", stored);
  const found = remembered("u1");
  expect(found.speed).toBe(1);
  expect(Object.values(found.volumes).every((volume) => volume >= 0 && volume <= 1)).toBe(true);
});

test("speeds go up and down in steps and end at 0.5 and 3", () => {
  expect([nextSpeed(1, 1), nextSpeed(1, -1), nextSpeed(3, 1), nextSpeed(0.5, -1)]).toEqual([1.25, 0.75, 3, 0.5]);
});
