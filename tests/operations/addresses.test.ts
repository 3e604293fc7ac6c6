import { expect, test } from "vitest";
import { isPrivate, isSeen } from "../../operations/addresses.ts";

test.each([
  ["10.0.0.1", true, false],
  ["172.31.255.255", true, false],
  ["172.32.0.1", false, true],
  ["192.168.1.0/24", true, false],
  ["100.64.0.1", true, false],
  ["fd00::1", true, false],
  ["::1", true, true],
  ["127.0.0.1", true, true],
  // Everybody is not nobody.
  ["0.0.0.0/0", false, false],
  ["0.0.0.0", false, false],
  ["169.254.1.1", false, false],
  ["255.255.255.255", false, false],
  ["203.0.113.7", false, true],
  ["2001:db8::1", false, true],
  ["no address", false, false],
])("%s", (address, isInside, isOutside) => {
  expect([isPrivate(address), isSeen(address)]).toEqual([isInside, isOutside]);
});
