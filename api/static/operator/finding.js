// Finding chats by whatever an operator has of one: a part of its name, its address, its id.

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// Gives {users, next}; whoever has this address comes first.
export async function findUsers(app, { text = "", im, paused }, limit, cursor) {
  const known = { ...(im && { im }), ...(paused !== undefined && { paused }) };
  const asked = { ...known, limit, ...(text && { name: text }), ...(cursor && { cursor }) };
  const addressed = !cursor && text ? await findExactly(app, text, known) : [];
  if (text.length > 200) return { users: addressed, next: null };
  const { users, next_cursor: next } = await app.call("getUsers", asked);
  const ids = new Set(addressed.map((user) => user.id));
  return { users: [...addressed, ...users.filter((user) => !ids.has(user.id))], next };
}

async function findExactly(app, text, known) {
  if (UUID.test(text)) {
    try {
      const user = await app.call("getUser", { user_id: text });
      const { entities, groups } = user.event_filter;
      return [{ ...user, language: user.settings.language, entities: entities.length, groups: groups.length }];
    } catch (error) {
      if (error.code !== "user_not_found") throw error;
    }
  }
  if (!/^[!-~]{1,1000}$/.test(text)) return [];
  return (await app.call("getUsers", { ...known, im_payload: text })).users;
}
