// far.js - the far end in a page, whichever library is under it: user agents and calls by name, with a log of what they heard.
import { level, state } from './sound.js';

// `library` has start(name, options, hear), call, message, options, and per call the functions of far.act().
export function makeFar(library) {
  const agents = new Map();
  const calls = new Map();

  const note = (call, event, detail) => call.log.push({ event, ...detail });

  function open(agent, name, session) {
    const call = { name: `${agent.name}/${name || `in${++agent.came}`}`, log: [], session };

    calls.set(call.name, call);
    return call;
  }

  const far = {
    async start(name, options) {
      const agent = { name, came: 0, manner: 'answers', messages: [], open: (what, session) => open(agent, what, session), note };

      agents.set(name, agent);
      await library.start(agent, options);
    },
    manner(name, manner) { agents.get(name).manner = manner; },
    call(name, what, target, options) { library.call(agents.get(name), open(agents.get(name), what), target, options || {}); },
    act(name, action, ...rest) { return library[action](calls.get(name), ...rest.map((arg) => calls.get(arg) || arg)); },
    message: (name, target) => library.message(agents.get(name), target),
    options: (name, target) => library.options(agents.get(name), target),
    messages: (name) => agents.get(name).messages,
    log: (name) => (calls.has(name) ? calls.get(name).log : []),
    calls: () => [...calls.keys()],
    level: (name) => (calls.has(name) ? level(library.connection(calls.get(name))) : 0),
    state: (name) => (calls.has(name) && library.connection(calls.get(name)) ? state(library.connection(calls.get(name))) : 'no connection'),
    clean(names) {
      for (const [name, call] of calls) {
        if (names.includes(name.split('/')[0])) {
          try {
            Promise.resolve(library.end(call)).catch(() => {});
          } catch { /* it has ended */ }
        }
      }
      names.forEach((name) => { agents.get(name).manner = 'answers'; });
    },
    stop: () => Promise.all([...agents.values()].map((agent) => library.stop(agent))),
  };
  return far;
}
