/**
 * Lets everyone take a turn per round, in another order each round, so that what the machine does
 * besides meets all of them. A first round that is not counted warms them up.
 *
 * @returns what each one's turns came to, round by round
 */
export async function interleave<Taker, Turn>(
  takers: readonly Taker[],
  rounds: number,
  take: (taker: Taker) => Promise<Turn>,
): Promise<ReadonlyMap<Taker, readonly Turn[]>> {
  const turns = new Map<Taker, Turn[]>(takers.map((taker) => [taker, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (let place = 0; place < takers.length; place += 1) {
      const taker = takers[(round + place) % takers.length] as Taker
      const turn = await take(taker)
      if (round > 0) turns.get(taker)?.push(turn)
    }
  }
  return turns
}
