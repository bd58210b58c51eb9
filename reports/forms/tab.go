package forms

// kind is how a column's cells are formatted and checked.
type kind int

const (
	text kind = iota
	date
	number
)

// tab is one sheet of the register. Names and headings are in both languages and do not change with
// the language, so that one mapping reads every register.
type tab struct {
	id, name string
	// saysEN and saysFR tell on the first sheet what the tab is for, and which numbers rest on it.
	saysEN, saysFR string
	columns        []column
}

type column struct {
	en, fr  string
	kind    kind
	width   float64
	list    string
	example string
	// saysEN and saysFR tell what the column wants where its heading does not.
	saysEN, saysFR string
}

func (c column) heading() string {
	if c.en == c.fr {
		return c.en
	}
	return c.en + " / " + c.fr
}

func (c column) note(language string) string {
	says, example := c.saysEN, "For example: "
	if language == "fr" {
		says, example = c.saysFR, "Par exemple : "
	}
	if says != "" {
		says += "\n"
	}
	return says + example + c.example
}

// What the columns of average scores want.
const (
	averageEN = "The average of all answers, in the survey's own scale; empty when it was not asked."
	averageFR = "La moyenne de toutes les réponses, dans l'échelle du sondage; vide si la question n'a pas été posée."
)

// list is what a drop-down offers.
type list struct {
	id     string
	labels []string
}

func tabs() []tab {
	return []tab{
		{"targets", "Targets - Cibles",
			"One row per measure and quarter. Shown on the page of targets; beyond the threshold the workbook asks for an explanation.",
			"Une ligne par mesure et par trimestre. Affichées à la page des cibles; au-delà du seuil, le classeur demande une explication.", []column{
				{en: "Measure", fr: "Mesure", width: 34, list: "measure", example: "csp_days_to_plan.median",
					saysEN: "The measure's id, as tributary measures prints it.", saysFR: "Le code de la mesure, tel que l'affiche tributary measures."},
				{en: "Quarter", fr: "Trimestre", width: 14, list: "quarter", example: "2025-26Q1"},
				{en: "Target", fr: "Cible", kind: number, width: 12, example: "60", saysEN: "A share is written 0.8, not 80 %.", saysFR: "Une proportion s'écrit 0,8 et non 80 %."},
				{en: "Set by", fr: "Fixée par", width: 28, example: "Service agreement 2025-26"},
			}},
		{"contacts", "Contacts",
			"Whom to write to at each agency, by role. Letters and the status of deliveries name them.",
			"À qui écrire dans chaque organisme, par fonction. Les lettres et l'état des transmissions les nomment.", []column{
				{en: "Agency", fr: "Organisme", width: 16, list: "agency", example: "LCTC", saysEN: "The code of its file under agencies/.", saysFR: "Le code de son fichier sous agencies/."},
				{en: "Role", fr: "Rôle", width: 20, list: "role", example: "data"},
				{en: "E-mail", fr: "Courriel", width: 34, example: "data@agency.example", saysEN: "An address of the role, not of a person.", saysFR: "Une adresse de fonction, et non d'une personne."},
				{en: "Language", fr: "Langue", width: 18, list: "language", example: "French / Français"},
			}},
		{"coordinators", "Coordinators - Coordonnateurs",
			"All Service Planning Coordinators of the area, whoever employs them. Heads, full-time equivalents, training and caseload rest on this tab.",
			"Tous les coordonnateurs de la planification des services du secteur, quel que soit leur employeur. L'effectif, les équivalents temps plein, la formation et la charge de travail reposent sur cet onglet.", []column{
				{en: "Service Planning Coordinator", fr: "Coordonnateur de la planification", width: 34, example: "P. Winters",
					saysEN: "Written as in the files.", saysFR: "Écrit comme dans les fichiers."},
				{en: "Employer", fr: "Employeur", width: 16, list: "agency", example: "LCTC"},
				{en: "FTE", fr: "ETP", kind: number, width: 10, example: "0.8"},
				{en: "Started on", fr: "Début", kind: date, width: 14, example: "2024-09-03"},
				{en: "Ended on", fr: "Fin", kind: date, width: 14, example: "2026-01-31"},
				{en: "Trained on", fr: "Formation le", kind: date, width: 14, example: "2024-10-15"},
			}},
		{"agreements", "Agreements - Ententes",
			"Agreements with partners, formal and informal. Which are in place, expiring or missing rests on the category and the two dates.",
			"Ententes avec les partenaires, officielles ou non. Celles qui sont en vigueur, qui arrivent à échéance ou qui manquent se déduisent de la catégorie et des deux dates.", []column{
				{en: "Partner", fr: "Partenaire", width: 36, example: "Lakes School Board"},
				{en: "Partner category", fr: "Catégorie du partenaire", width: 30, list: "category", example: "School board / Conseil scolaire",
					saysEN: "What the partner is to you: some categories must have a formal agreement.", saysFR: "Ce que le partenaire est pour vous : certaines catégories exigent une entente officielle."},
				{en: "Kind", fr: "Genre", width: 34, list: "agreement", example: "Memorandum of understanding / Protocole d'entente"},
				{en: "Signed on", fr: "Signée le", kind: date, width: 14, example: "2024-04-01"},
				{en: "Expires on", fr: "Échoit le", kind: date, width: 14, example: "2027-03-31"},
			}},
		{"capacity", "Capacity - Capacité",
			"Places of a service in a municipality, as last counted.",
			"Places d'un service dans une municipalité, selon le dernier dénombrement.", []column{
				{en: "Service", fr: "Service", width: 36, list: "service", example: "Respite / Répit"},
				{en: "Municipality", fr: "Municipalité", width: 24, list: "municipality", example: "Cedar Falls"},
				{en: "Places", fr: "Places", kind: number, width: 10, example: "24"},
				{en: "Counted on", fr: "Comptées le", kind: date, width: 14, example: "2025-06-30"},
			}},
		{"complaints", "Complaints - Plaintes",
			"Complaints about Coordinated Service Planning. No names. Until the first row there is no figure; from then on a quarter without one is a zero.",
			"Plaintes au sujet de la planification coordonnée des services. Aucun nom. Avant la première ligne il n'y a aucun chiffre; ensuite, un trimestre sans plainte est un zéro.", []column{
				{en: "Complaint number", fr: "Numéro de la plainte", width: 18, example: "2025-07"},
				{en: "Received on", fr: "Reçue le", kind: date, width: 14, example: "2025-05-12"},
				{en: "Closed on", fr: "Fermée le", kind: date, width: 14, example: "2025-06-02"},
				{en: "About", fr: "Objet", width: 34, list: "about", example: "Waiting time / Attente", saysEN: "No names here.", saysFR: "Aucun nom ici."},
			}},
		{"surveys", "Surveys - Sondages",
			"One row per survey and quarter: how many were sent and came back, and the average score of each of the five outcomes. A row goes before answers that stand in an agency's files for that quarter. Never the wording of a licensed tool.",
			"Une ligne par sondage et par trimestre : nombre d'envois et de retours, et note moyenne de chacun des cinq résultats. Une ligne l'emporte sur les réponses contenues dans les fichiers d'un organisme pour ce trimestre. Jamais le libellé d'un outil sous licence.", []column{
				{en: "Survey", fr: "Sondage", width: 28, example: "Family survey"},
				{en: "Asked of", fr: "Auprès de", width: 30, list: "audience", example: "Families / Familles"},
				{en: "Quarter", fr: "Trimestre", width: 14, list: "quarter", example: "2025-26Q1", saysEN: "The quarter in which it came back.", saysFR: "Le trimestre des retours."},
				{en: "Sent", fr: "Envoyés", kind: number, width: 10, example: "120"},
				{en: "Returned", fr: "Reçus", kind: number, width: 10, example: "46"},
				{en: "Clear contact", fr: "Contact clair", kind: number, width: 14, example: "5.6", saysEN: averageEN, saysFR: averageFR},
				{en: "Told their story once", fr: "Histoire racontée une fois", kind: number, width: 14, example: "5.6", saysEN: averageEN, saysFR: averageFR},
				{en: "One plan", fr: "Un seul plan", kind: number, width: 14, example: "5.6", saysEN: averageEN, saysFR: averageFR},
				{en: "Family-centred", fr: "Centré sur la famille", kind: number, width: 14, example: "5.6", saysEN: averageEN, saysFR: averageFR},
				{en: "Providers communicate", fr: "Les fournisseurs communiquent", kind: number, width: 14, example: "5.6", saysEN: averageEN, saysFR: averageFR},
				{en: "Overall", fr: "Dans l'ensemble", kind: number, width: 14, example: "5.6", saysEN: averageEN, saysFR: averageFR},
			}},
		{"local_services", "Local services - Services",
			"Who offers which service where, for families: the public page of services and the count of providers rest on it.",
			"Qui offre quel service et où, à l'intention des familles : la page publique des services et le nombre de fournisseurs reposent sur cet onglet.", []column{
				{en: "Service", fr: "Service", width: 36, list: "service", example: "Speech-language / Orthophonie"},
				{en: "Offered by", fr: "Offert par", width: 34, example: "Lakes Speech Clinic"},
				{en: "Municipality", fr: "Municipalité", width: 24, list: "municipality", example: "Cedar Falls"},
				{en: "Language", fr: "Langue", width: 18, list: "language", example: "English / Anglais"},
				{en: "From age", fr: "Dès l'âge de", kind: number, width: 10, example: "0"},
				{en: "To age", fr: "Jusqu'à l'âge de", kind: number, width: 10, example: "6"},
				{en: "How to reach", fr: "Comment joindre", width: 34, example: "intake@clinic.example"},
			}},
	}
}

// lists are written as in sql/seed, English and French; a test compares them with the seeds and with
// the codes of REGISTER.yaml.
func lists() []list {
	return []list{
		{"role", []string{"data", "director", "letters", "technical"}},
		{"language", []string{"English / Anglais", "French / Français"}},
		{"category", []string{"Children's treatment centre / Centre de traitement pour enfants", "Agency that coordinates services / Organisme de coordination de services",
			"Autism provider / Fournisseur en autisme", "Home and community care / Soins à domicile et en milieu communautaire",
			"School board / Conseil scolaire", "Mental health lead agency / Organisme responsable en santé mentale",
			"Healthy Babies Healthy Children / Bébés en santé, enfants en santé", "Infant and child development / Développement du nourrisson et de l'enfant",
			"Infant Hearing Program / Programme de dépistage auditif", "Blind and low vision / Cécité et basse vision",
			"Preschool speech and language / Parole et langage préscolaires", "Coordinating Agency / Organisme coordonnateur",
			"Local access mechanism / Mécanisme d'accès local", "Ontario Autism Program intake / Accueil du Programme ontarien des services en autisme",
			"FASD diagnostic clinic / Clinique de diagnostic ETCAF", "Autism diagnostic hub / Carrefour diagnostique en autisme",
			"Child welfare / Protection de l'enfance", "Hospital / Hôpital",
			"Physician / Médecin", "Child care and EarlyON / Garde d'enfants et ON y va",
			"Indigenous service provider / Fournisseur de services autochtone", "Housing and settlement / Logement et établissement",
			"Municipality / Municipalité", "SmartStart Hub / Carrefour SmartStart",
			"Respite / Répit", "Other / Autre"}},
		{"agreement", []string{"Memorandum of understanding / Protocole d'entente", "Information sharing / Échange de renseignements", "Informal / Informelle"}},
		{"service", []string{"Occupational therapy / Ergothérapie", "Physiotherapy / Physiothérapie", "Speech-language / Orthophonie",
			"Autism services / Services en autisme", "Mental health / Santé mentale", "Respite / Répit", "Nursing / Soins infirmiers",
			"Special education / Enfance en difficulté", "Child welfare / Protection de l'enfance", "Infant development / Développement du nourrisson",
			"Audiology / Audiologie", "Vision", "Behaviour consultation / Consultation en comportement", "FASD support / Soutien ETCAF", "Other / Autre"}},
		{"audience", []string{"Families / Familles", "Partner agencies / Organismes partenaires"}},
		{"about", []string{"Waiting time / Attente", "Communication", "Service received / Service reçu", "Privacy / Vie privée", "Other / Autre"}},
	}
}
