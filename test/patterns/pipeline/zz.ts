import { Pull, Push } from 'brokerless';

for (const ep of ['tcp://127.0.0.1:*', 'ipc://*'])
  for (const batch of [false, true]) {
    const pull = await Pull.bind<number>(ep);
    const push = await Push.connect<number>(pull.endpoint, { batch });
    await push.ready();
    for (let i = 0; i < 100000; i++) await push.send(i);
    const rep = await push.close({ drainMs: 3000 });
    let n = 0;
    const ac = new AbortController();
    setTimeout(() => ac.abort(), 3000);
    try {
      for (;;) {
        await pull.receive({ signal: ac.signal });
        n++;
      }
    } catch {}
    console.log(ep, batch, rep, 'received', n);
    await pull.close();
  }
