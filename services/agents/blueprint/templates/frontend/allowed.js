// What a person is offered. The service checks all of it again; here it only keeps useless buttons away.

// A session without a known role (a gateway signs people in) is offered everything, and the service refuses.
export function mayCall(entity, verb, session) {
  const found = entity.verbs[verb];
  return Boolean(found) && (!session?.role || found.roles.includes(session.role));
}

export function mayDo(entity, verb, record, session) {
  const found = entity.verbs[verb];
  if (!mayCall(entity, verb, session)) return false;
  if (found.in && !found.in.includes(record.state)) return false;
  return !(found.notOwn && record.created_by === session?.user);
}

// Verbs that lead a record from one state to another, in the order of the contract.
export function movesOf(entity) {
  return Object.keys(entity.verbs).filter((verb) => entity.verbs[verb].to);
}
