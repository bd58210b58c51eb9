package demo

import (
	"bytes"
	"fmt"
	"time"

	"tributary"
)

// infantDevelopment is the French programme: three files a month, semicolons, Windows-1252,
// jj/mm/aaaa. Its file of February stops in the middle of a line.
func (a *area) infantDevelopment(i int, q tributary.Quarter) error {
	for month := range 3 {
		begin := q.Start().AddDate(0, month, 0)
		if err := a.infantMonth(i, q, begin); err != nil {
			return err
		}
	}
	return nil
}

func (a *area) infantMonth(i int, q tributary.Quarter, begin time.Time) error {
	first, last := dayOf(begin), dayOf(begin.AddDate(0, 1, -1))
	month := begin.Format("2006-01")
	const layout = "02/01/2006"
	children := table{{"Dossier", "Nom", "Prénom", "Date de naissance", "Sexe", "Adresse", "Municipalité", "Code postal", "Téléphone", "Langue",
		"Inscrit le", "Terminé le", "Consentement", "Consentement signé le", "Remarques"}}
	parents := table{{"Dossier", "Nom du parent", "Prénom du parent", "Lien", "Cellulaire", "Courriel"}}
	needs := table{{"Dossier", "Service", "Demandé le", "Suite", "Motif"}}
	regs := a.active("PDEF", first, last)
	keep := len(regs)
	cut := month == "2026-02" && !a.opt.Clean
	if cut {
		keep = len(regs) * 2 / 3
	}
	for n, reg := range regs {
		if n < keep {
			a.deliver(reg, i)
		}
		s := a.world.see(reg, a.views["PDEF"], last)
		state := map[string]string{"not_asked": "", "refused": "non", "withdrawn": "retiré", "expired": "échu", "given": "oui"}[reg.consent.state(last)]
		if state == "oui" && reg.consent.isVerbal {
			state = "verbal"
		}
		children = append(children, []string{reg.local, s.surname, s.given, reg.birth.in(layout),
			map[string]string{"F": "F", "M": "G", "X": "A"}[s.child.sex], s.at.street, s.town, s.postal, s.phone, infantLanguage(s.child.language),
			reg.open.from.in(layout), reg.open.to.by(last).in(layout), state, reg.consent.signed.by(last).in(layout), comment(s, last)})
		for _, p := range s.carers {
			parents = append(parents, []string{reg.local, p.family, p.given, infantRelation(p), p.phone, p.email})
		}
		for _, need := range reg.child.needs {
			if need.identifiedOn > last {
				continue
			}
			status := need.status(last)
			reason := ""
			if status == "not_available" {
				reason = infantReason(need.reason)
			}
			needs = append(needs, []string{reg.local, infantService(need.service), need.identifiedOn.in(layout),
				map[string]string{"received": "reçu", "waiting": "en attente", "not_available": "non disponible"}[status], reason})
		}
	}
	for _, part := range []struct {
		name string
		rows table
	}{{"enfants", children}, {"parents", parents}, {"besoins", needs}} {
		name := fmt.Sprintf("%s_%s.csv", part.name, month)
		data := windows1252(part.rows.delimited(";", "\r\n"))
		if cut && part.name == "enfants" {
			whole := windows1252(part.rows[:keep+1].delimited(";", "\r\n"))
			data = data[:len(whole)+len(bytes.SplitAfter(data[len(whole):], []byte(";"))[0])+9]
			a.problem("PDEF", q, name, keep+2, "truncated", fmt.Sprintf("%d rows lost", len(regs)-keep))
		}
		a.put("PDEF", q, name, int(endOf(q)-last)*-1+4, data)
	}
	return nil
}

func infantLanguage(code string) string {
	return map[string]string{"eng": "anglais", "fra": "français", "urd": "ourdou", "zho": "chinois", "oji": "ojibwé", "ara": "arabe"}[code]
}

func infantRelation(p carer) string {
	return map[string]string{"mother": "mère", "father": "père", "step_parent": "beau-parent", "grandparent": "grand-parent",
		"foster_parent": "famille d'accueil"}[p.relation]
}

func infantService(code string) string {
	return map[string]string{"ot": "ergothérapie", "pt": "physiothérapie", "slp": "orthophonie", "autism": "autisme", "mental_health": "santé mentale",
		"respite": "répit", "nursing": "soins infirmiers", "special_education": "enfance en difficulté", "infant_development": "développement du nourrisson",
		"audiology": "audiologie", "behaviour": "comportement", "fasd": "ETCAF"}[code]
}

func infantReason(code string) string {
	return map[string]string{"full": "complet", "no_provider": "aucun fournisseur", "distance": "éloignement", "cost": "coût",
		"not_eligible": "non admissible"}[code]
}
