// Distances and directions on the globe, and the phone's own map.

const RADIUS_M = 6_371_008.8; // the mean radius of the earth (IUGG)
const RAD = Math.PI / 180;

/** Metres along the great circle between `{lon, lat}` in degrees (haversine). */
export function metresBetween(one, other) {
  const dLat = (other.lat - one.lat) * RAD;
  const dLon = (other.lon - one.lon) * RAD;
  const a = Math.sin(dLat / 2) ** 2
    + Math.cos(one.lat * RAD) * Math.cos(other.lat * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** The direction from one to the other at the start, degrees from north, clockwise. */
export function bearingTo(one, other) {
  const dLon = (other.lon - one.lon) * RAD;
  const y = Math.sin(dLon) * Math.cos(other.lat * RAD);
  const x = Math.cos(one.lat * RAD) * Math.sin(other.lat * RAD)
    - Math.sin(one.lat * RAD) * Math.cos(other.lat * RAD) * Math.cos(dLon);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

const WINDS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

/** The nearest of eight winds. */
export function windOf(bearing) {
  return WINDS[Math.round(bearing / 45) % 8];
}

/** A link that opens the place in the phone's map: RFC 5870, and Apple's own where that is not
 * known. WGS 84. */
export function mapLink({ lon, lat }, label) {
  const place = `${lat.toFixed(6)},${lon.toFixed(6)}`;
  const named = encodeURIComponent(label.replace(/[()]/g, " ").trim());
  const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent);
  return isApple ? `maps:?ll=${place}&q=${named}` : `geo:${place}?q=${place}(${named})`;
}
