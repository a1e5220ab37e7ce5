// Quotes, books, watches and cancels a ride from TypeScript, as a page in a browser would: gRPC-Web, HTTP/1.1.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { ErrorInfoSchema, LocalizedMessageSchema } from "../generated/google/rpc/error_details_pb.js";
import { AreaService } from "../generated/transit/area/v1/area_service_pb.js";
import { Booking_State, CancellationReason, Channel } from "../generated/transit/booking/v1/booking_pb.js";
import { BookingService, QuoteRequestSchema } from "../generated/transit/booking/v1/booking_service_pb.js";
import { BindingConstraint_Kind } from "../generated/transit/booking/v1/offer_pb.js";

const HOUR = 3_600_000;
const douglas = { position: { latitude: 54.1509, longitude: -4.4815 }, label: "Douglas" };
const castletown = { position: { latitude: 54.075, longitude: -4.653 }, label: "Castletown" };
const atlantic = { position: { latitude: 0, longitude: 0 }, label: "on board" };

// Everything ends by itself: a call after ten seconds, a stream after a minute.
const call = { timeoutMs: 10_000 };

function shown(time: Timestamp | undefined): string {
  return time === undefined ? "?" : timestampDate(time).toISOString();
}

/** Why a call was turned down, for a program and for a person. */
function told(error: unknown): { code: string; reason: string; japanese: string } {
  const failure = ConnectError.from(error);
  const [info] = failure.findDetails(ErrorInfoSchema);
  const [text] = failure.findDetails(LocalizedMessageSchema);
  return { code: Code[failure.code] ?? "?", reason: info?.reason ?? "none", japanese: text?.message ?? "" };
}

async function main(server: string): Promise<void> {
  const transport = createGrpcWebTransport({ baseUrl: server });
  const areas = createClient(AreaService, transport);
  const bookings = createClient(BookingService, transport);

  const [area] = (await areas.listAreas({}, call)).areas;
  const [service] = area?.services ?? [];
  assert(area && service, "the server has an area with a service");
  console.log(`${area.displayName}: ${area.services.join(", ")}; map data ${area.mapCredit}`);

  // Tomorrow at this hour's morning, by the area's clock: it need not be ours.
  assert(area.clock?.currentTime);
  const midnight = new Date(timestampDate(area.clock.currentTime).setUTCHours(0, 0, 0, 0) + 24 * HOUR);
  const window = {
    earliestTime: timestampFromDate(new Date(midnight.getTime() + 10 * HOUR)),
    latestTime: timestampFromDate(new Date(midnight.getTime() + 11 * HOUR)),
  };
  const wish = (destination: typeof douglas): MessageInitShape<typeof QuoteRequestSchema> => ({
    parent: service,
    origin: douglas,
    destination,
    party: { seats: 2 },
    wish: { case: "departAfter", value: window },
    channel: Channel.WEB,
    requestId: randomUUID(),
  });

  // A ride that is not possible is an answer, with words for the rider.
  const refused = await bookings.quote(create(QuoteRequestSchema, wish(atlantic)), call);
  assert(refused.result.case === "refusal");
  const [binding] = refused.result.value.bindingConstraints;
  assert.equal(binding?.kind, BindingConstraint_Kind.DESTINATION_OFF_AREA);
  assert.equal(binding.localizedText?.languageCode, "ja");
  console.log(`refused: ${binding.text} / ${binding.localizedText.text}`);

  const quoted = await bookings.quote(create(QuoteRequestSchema, wish(castletown)), call);
  assert(quoted.result.case === "offers", "there is a bus to Castletown");
  for (const offer of quoted.result.value.offers) {
    console.log(`offered ${offer.name}: pickup from ${shown(offer.promise?.pickupWindow?.earliestTime)}`);
  }
  const [offer] = quoted.result.value.offers;
  assert(offer);

  const confirmation = { name: offer.name, requestId: randomUUID() };
  const booking = await bookings.confirmOffer(confirmation, call);
  console.log(`booked ${booking.name} on ${booking.vehicle}`);
  const again = await bookings.confirmOffer(confirmation, call); // the line dropped? the same request, the same booking
  assert.equal(again.name, booking.name);

  const states: Booking_State[] = [];
  for await (const { update } of bookings.watchBooking({ name: booking.name }, { timeoutMs: 60_000 })) {
    if (update.case !== "booking") continue; // a heartbeat
    states.push(update.value.state);
    console.log(`watched: ${Booking_State[update.value.state]}`);
    if (states.length === 1) {
      const reason = CancellationReason.RIDER;
      await bookings.cancelBooking({ name: booking.name, reason, requestId: randomUUID() }, call);
    }
  }
  assert.deepEqual(states, [Booking_State.CONFIRMED, Booking_State.CANCELLED]);

  // An error tells a program its reason and, where a rider may read it, says it in Japanese.
  const late = await bookings.confirmOffer({ name: offer.name, requestId: randomUUID() }, call).then(
    () => assert.fail("an offer was confirmed twice"),
    told,
  );
  console.log(`confirming twice: ${late.code}, ${late.reason}: ${late.japanese}`);
  assert.equal(late.reason, "OFFER_USED");
  assert.notEqual(late.japanese, "");
  console.log("ride.ts: all went well");
}

await main(process.argv[2] ?? "http://127.0.0.1:50051");
