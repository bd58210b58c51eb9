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
	columns  []column
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

// list is what a drop-down offers.
type list struct {
	id     string
	labels []string
}

func tabs() []tab {
	return []tab{
		{"targets", "Targets - Cibles", []column{
			{en: "Measure", fr: "Mesure", width: 34, list: "measure", example: "csp_days_to_plan.median",
				saysEN: "The measure's id, as tributary measures prints it.", saysFR: "Le code de la mesure, tel que l'affiche tributary measures."},
			{en: "Quarter", fr: "Trimestre", width: 14, list: "quarter", example: "2025-26Q1"},
			{en: "Target", fr: "Cible", kind: number, width: 12, example: "60", saysEN: "A share is written 0.8, not 80 %.", saysFR: "Une proportion s'écrit 0,8 et non 80 %."},
			{en: "Set by", fr: "Fixée par", width: 28, example: "Service agreement 2025-26"},
		}},
		{"contacts", "Contacts", []column{
			{en: "Agency", fr: "Organisme", width: 16, list: "agency", example: "LCTC", saysEN: "The code of its file under agencies/.", saysFR: "Le code de son fichier sous agencies/."},
			{en: "Role", fr: "Rôle", width: 20, list: "role", example: "data"},
			{en: "E-mail", fr: "Courriel", width: 34, example: "data@agency.example", saysEN: "An address of the role, not of a person.", saysFR: "Une adresse de fonction, et non d'une personne."},
			{en: "Language", fr: "Langue", width: 18, list: "language", example: "French / Français"},
		}},
		{"coordinators", "Coordinators - Coordonnateurs", []column{
			{en: "Service Planning Coordinator", fr: "Coordonnateur de la planification", width: 34, example: "P. Winters",
				saysEN: "Written as in the files.", saysFR: "Écrit comme dans les fichiers."},
			{en: "Employer", fr: "Employeur", width: 16, list: "agency", example: "LCTC"},
			{en: "FTE", fr: "ETP", kind: number, width: 10, example: "0.8"},
			{en: "Started on", fr: "Début", kind: date, width: 14, example: "2024-09-03"},
			{en: "Ended on", fr: "Fin", kind: date, width: 14, example: "2026-01-31"},
			{en: "Trained on", fr: "Formation le", kind: date, width: 14, example: "2024-10-15"},
		}},
		{"agreements", "Agreements - Ententes", []column{
			{en: "Partner", fr: "Partenaire", width: 36, example: "Lakes School Board"},
			{en: "Partner category", fr: "Catégorie du partenaire", width: 30, list: "category", example: "School board / Conseil scolaire"},
			{en: "Kind", fr: "Genre", width: 34, list: "agreement", example: "Memorandum of understanding / Protocole d'entente"},
			{en: "Signed on", fr: "Signée le", kind: date, width: 14, example: "2024-04-01"},
			{en: "Expires on", fr: "Échoit le", kind: date, width: 14, example: "2027-03-31"},
		}},
		{"capacity", "Capacity - Capacité", []column{
			{en: "Service", fr: "Service", width: 36, list: "service", example: "Respite / Répit"},
			{en: "Municipality", fr: "Municipalité", width: 24, list: "municipality", example: "Cedar Falls"},
			{en: "Places", fr: "Places", kind: number, width: 10, example: "24"},
			{en: "Counted on", fr: "Comptées le", kind: date, width: 14, example: "2025-06-30"},
		}},
		{"complaints", "Complaints - Plaintes", []column{
			{en: "Complaint number", fr: "Numéro de la plainte", width: 18, example: "2025-07"},
			{en: "Received on", fr: "Reçue le", kind: date, width: 14, example: "2025-05-12"},
			{en: "Closed on", fr: "Fermée le", kind: date, width: 14, example: "2025-06-02"},
			{en: "About", fr: "Objet", width: 34, list: "about", example: "Waiting time / Attente", saysEN: "No names here.", saysFR: "Aucun nom ici."},
		}},
		{"surveys", "Surveys - Sondages", []column{
			{en: "Survey", fr: "Sondage", width: 28, example: "Family survey"},
			{en: "Quarter", fr: "Trimestre", width: 14, list: "quarter", example: "2025-26Q1"},
			{en: "Sent", fr: "Envoyés", kind: number, width: 10, example: "120"},
			{en: "Returned", fr: "Reçus", kind: number, width: 10, example: "46"},
			{en: "Question", fr: "Question", width: 34, example: "I told my story once"},
			{en: "Average score", fr: "Note moyenne", kind: number, width: 14, example: "5.6"},
		}},
		{"local_services", "Local services - Services", []column{
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
		{"category", []string{"Children's treatment centre / Centre de traitement pour enfants", "School board / Conseil scolaire", "Health / Santé",
			"Physician / Médecin", "Autism provider / Fournisseur en autisme", "Child welfare / Protection de l'enfance",
			"Mental health / Santé mentale", "SmartStart Hub / Carrefour SmartStart", "Respite / Répit", "Other / Autre"}},
		{"agreement", []string{"Memorandum of understanding / Protocole d'entente", "Information sharing / Échange de renseignements", "Informal / Informelle"}},
		{"service", []string{"Occupational therapy / Ergothérapie", "Physiotherapy / Physiothérapie", "Speech-language / Orthophonie",
			"Autism services / Services en autisme", "Mental health / Santé mentale", "Respite / Répit", "Nursing / Soins infirmiers",
			"Special education / Enfance en difficulté", "Child welfare / Protection de l'enfance", "Infant development / Développement du nourrisson",
			"Audiology / Audiologie", "Vision", "Behaviour consultation / Consultation en comportement", "FASD support / Soutien ETCAF", "Other / Autre"}},
		{"about", []string{"Waiting time / Attente", "Communication", "Service received / Service reçu", "Privacy / Vie privée", "Other / Autre"}},
	}
}
